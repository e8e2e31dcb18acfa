// SPDX-License-Identifier: MIT
#include "training/joint_detection.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "training/box_crop.h"
#include "training/box_edges.h"
#include "training/box_penalties.h"
#include "training/soft_mask.h"

namespace vitrine::training {
namespace {

namespace F = torch::nn::functional;

constexpr double kWarmUpSteps = 30;
constexpr double kMaxGradientNorm = 1;
constexpr double kWeightDecay = 1e-4;
constexpr double kViewScaleForCrops = 1.5;
// Edges of a mask are about 4 / steepness wide: half the picture at first, a fifth at last. Sharper ones have
// a gradient from too few pixels, and boxes that were found get lost again.
constexpr double kFirstSteepness = 8;
constexpr double kLastSteepness = 20;
constexpr double kOutsideWeight = 10;
constexpr double kNarrowWeight = 10;
constexpr double kMinSide = 0.2;
constexpr const char* kSteps = "joint_steps";

}  // namespace

JointDetection::JointDetection(DetectorNetwork detector, const TrainingOptions& options)
    : detector_(std::move(detector)), options_(options) {
  const auto num_frozen = static_cast<std::size_t>(options.detector_frozen_blocks);
  detector_->freeze_before(num_frozen);
  rest(detector_->state());
  const auto parameters = detector_->block_parameters(num_frozen);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    torch::Tensor parameter = parameters[i];
    learned_.emplace_back("joint_parameter." + std::to_string(i), parameter.requires_grad_());
  }
  optimizer_ = std::make_unique<torch::optim::AdamW>(
      tensors_of(learned_),
      torch::optim::AdamWOptions(options.joint_learning_rate).weight_decay(kWeightDecay));
}

int JointDetection::view_px(const TrainingOptions& options) {
  if (options.joint != JointKind::kCrop) return options.input_px;
  return static_cast<int>(std::lround(options.input_px * kViewScaleForCrops));
}

torch::Tensor JointDetection::reduced(const torch::Tensor& pictures, std::int64_t side_px) {
  if (pictures.size(2) == side_px) return pictures;
  return F::interpolate(pictures, F::InterpolateFuncOptions()
                                      .size(std::vector<std::int64_t>{side_px, side_px})
                                      .mode(torch::kBilinear)
                                      .align_corners(false));
}

JointDetection::Seen JointDetection::look(const torch::Tensor& views, double progress) {
  const torch::Tensor boxes = detector_->forward(reduced(views, options_.detector_px)).boxes;
  Seen seen;
  if (options_.joint == JointKind::kMask) {
    const double steepness = kFirstSteepness * std::pow(kLastSteepness / kFirstSteepness, progress);
    seen.images = views * soft_mask(boxes, views.size(2), views.size(3), steepness);
  } else {
    seen.images = crop_boxes(views, widened(boxes, options_.crop_margin), options_.input_px);
  }
  seen.penalty = kOutsideWeight * outside_penalty(boxes) + kNarrowWeight * narrow_penalty(boxes, kMinSide) +
                 options_.box_area_weight * mean_area(boxes);
  return seen;
}

void JointDetection::step(double progress) {
  const double warm_up = std::min(1.0, static_cast<double>(steps_done_ + 1) / kWarmUpSteps);
  const double cosine = 0.5 * (1 + std::cos(std::numbers::pi * progress));
  set_learning_rate(*optimizer_, options_.joint_learning_rate * warm_up * cosine);
  torch::nn::utils::clip_grad_norm_(tensors_of(learned_), kMaxGradientNorm);
  optimizer_->step();
  ++steps_done_;
}

void JointDetection::save_state(Checkpoint& checkpoint) const {
  save_parameters(learned_, *optimizer_, checkpoint);
  checkpoint.tensors[kSteps] = torch::tensor({static_cast<float>(steps_done_)});
}

void JointDetection::load_state(const Checkpoint& checkpoint) {
  steps_done_ = static_cast<std::int64_t>(
      saved_tensor(checkpoint, kSteps, torch::zeros({1}), options_.checkpoint).item<float>());
  load_parameters(learned_, checkpoint, steps_done_, options_.checkpoint, *optimizer_);
}

}  // namespace vitrine::training

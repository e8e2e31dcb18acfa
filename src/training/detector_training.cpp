// SPDX-License-Identifier: MIT
#include "training/detector_training.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "training/box_losses.h"
#include "training/feature_extraction.h"
#include "training/optimizer_state.h"
#include "training/prefetch.h"
#include "vitrine/error.h"

namespace vitrine::training {
namespace {

constexpr double kAttentionWeight = 0.5;
constexpr double kCellWeight = 0.5;
constexpr double kWarmUpSteps = 50;
constexpr double kMaxGradientNorm = 5;
constexpr double kWeightDecay = 1e-4;

double learning_rate(const TrainingOptions& options, std::size_t step) {
  const double warm_up = std::min(1.0, static_cast<double>(step + 1) / kWarmUpSteps);
  const double progress = static_cast<double>(step) / static_cast<double>(options.detector_steps);
  return options.detector_learning_rate * warm_up * 0.5 * (1 + std::cos(std::numbers::pi * progress));
}

}  // namespace

bool teach_boxes(DetectorNetwork& detector, const TrainingOptions& options,
                 const std::function<BoxBatch(std::size_t)>& make_batch,
                 const std::function<bool(const DetectorStep&)>& on_step) {
  const auto num_frozen = static_cast<std::size_t>(options.detector_frozen_blocks);
  detector->freeze_before(num_frozen);
  std::vector<torch::Tensor> parameters;
  rest(detector->state());
  for (torch::Tensor& parameter : detector->block_parameters(num_frozen))
    parameters.push_back(parameter.requires_grad_());
  torch::optim::AdamW optimizer(
      parameters, torch::optim::AdamWOptions(options.detector_learning_rate).weight_decay(kWeightDecay));
  Prefetch<BoxBatch> batches(options.detector_steps, make_batch);
  for (std::size_t step = 0; step < options.detector_steps; ++step) {
    const BoxBatch batch = batches.next();
    const torch::Tensor boxes = batch.boxes.to(detector->device());
    const Detections found = detector->forward(batch.images);
    const torch::Tensor loss =
        (box_loss(found.boxes, boxes) + kAttentionWeight * attention_loss(found.attention, boxes) +
         kCellWeight * cell_loss(found, boxes))
            .mean();
    const DetectorStep figures{step + 1, loss.item<double>(),
                               box_overlap(found.boxes, boxes).mean().item<double>()};
    if (!std::isfinite(figures.loss)) {
      throw Error(ErrorCode::kInternal, "training diverged: the loss of the boxes is not finite at step " +
                                            std::to_string(step + 1) + "; use a lower learning rate");
    }
    set_learning_rate(optimizer, learning_rate(options, step));
    optimizer.zero_grad();
    loss.backward();
    torch::nn::utils::clip_grad_norm_(parameters, kMaxGradientNorm);
    optimizer.step();
    if (!on_step(figures)) return false;
  }
  return true;
}

std::vector<network::DetectedBox> detect(DetectorNetwork& detector, const PicturePool& pool,
                                         const std::vector<std::size_t>& picture_indices, int input_px) {
  torch::NoGradGuard no_gradient;
  std::vector<network::DetectedBox> result;
  for_each_plain_batch(pool, picture_indices, input_px, View::kWhole, [&](const torch::Tensor& input) {
    const Detections found = detector->forward(input);
    const torch::Tensor agreement =
        (found.attention *
         box_overlap(found.cell_boxes, found.boxes.unsqueeze(1).expand_as(found.cell_boxes)))
            .sum(1)
            .cpu();
    const torch::Tensor clipped = found.boxes.clamp(0, 1).cpu().contiguous();
    for (std::int64_t i = 0; i < clipped.size(0); ++i) {
      const float* box = clipped.data_ptr<float>() + i * 4;
      result.push_back({{box[0], box[1], box[2], box[3]}, agreement[i].item<double>()});
    }
  });
  return result;
}

}  // namespace vitrine::training

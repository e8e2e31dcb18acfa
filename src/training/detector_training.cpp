// SPDX-License-Identifier: MIT
#include "training/detector_training.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "training/batches.h"
#include "training/box_losses.h"
#include "training/feature_extraction.h"
#include "training/prefetch.h"
#include "training/scenes.h"
#include "vitrine/error.h"

namespace vitrine::training {
namespace {

constexpr double kAttentionWeight = 0.5;
constexpr double kCellWeight = 0.5;
constexpr double kWarmUpSteps = 50;
constexpr double kMaxGradientNorm = 5;
constexpr double kWeightDecay = 1e-4;
// Scenes are composed larger than the input and then reduced, as photos are.
constexpr double kSceneScale = 1.5;
constexpr std::uint64_t kSceneStream = std::uint64_t{1} << 62;

struct SceneBatch {
  torch::Tensor images;
  torch::Tensor boxes;  // [n, 4]
};

struct SceneSources {
  std::vector<std::size_t> cutouts;
  std::vector<std::size_t> photos;  // for backgrounds
};

SceneSources scene_sources(const PicturePool& pool) {
  SceneSources sources;
  for (std::size_t i = 0; i < pool.pictures.size(); ++i) {
    const PooledPicture& picture = pool.pictures[i];
    if (picture.split != Split::kTrain) continue;
    if (!picture.cutout.tight_box_px.empty()) sources.cutouts.push_back(i);
    if (!picture.shop_picture) sources.photos.push_back(i);
  }
  return sources;
}

Scene make_scene(const PicturePool& pool, const SceneSources& sources, const TrainingOptions& options,
                 std::size_t position) {
  Random random = random_for(options.seed, kSceneStream, position);
  const int side_px = static_cast<int>(options.detector_px * kSceneScale);
  const auto any = [&](const std::vector<std::size_t>& indices) -> const PooledPicture& {
    return pool.pictures[indices[random() % indices.size()]];
  };
  const PooledPicture& product = any(sources.cutouts);
  const Image& background = sources.photos.empty() ? product.image : any(sources.photos).image;
  Scene scene = compose_scene({product.cutout, any(sources.cutouts).cutout, background}, side_px, random);
  scene.image = resize(scene.image, options.detector_px, options.detector_px);
  return scene;
}

SceneBatch make_batch(const PicturePool& pool, const SceneSources& sources, const TrainingOptions& options,
                      std::size_t batch_index) {
  std::vector<Image> images;
  std::vector<float> boxes;
  for (std::size_t i = 0; i < options.batch_size; ++i) {
    Scene scene = make_scene(pool, sources, options, batch_index * options.batch_size + i);
    images.push_back(std::move(scene.image));
    for (const double edge : {scene.box.x0, scene.box.y0, scene.box.x1, scene.box.y1})
      boxes.push_back(static_cast<float>(edge));
  }
  return {to_input(images), torch::tensor(boxes).view({-1, 4})};
}

double learning_rate(const TrainingOptions& options, std::size_t step) {
  const double warm_up = std::min(1.0, static_cast<double>(step + 1) / kWarmUpSteps);
  const double progress = static_cast<double>(step) / static_cast<double>(options.detector_steps);
  return options.detector_learning_rate * warm_up * 0.5 * (1 + std::cos(std::numbers::pi * progress));
}

}  // namespace

bool teach_boxes(DetectorNetwork& detector, const PicturePool& pool, const TrainingOptions& options,
                 const std::function<bool(const DetectorStep&)>& on_step) {
  const SceneSources sources = scene_sources(pool);
  if (sources.cutouts.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot teach detection: the list has no training picture with the role 'shop' whose product "
                "stands out from white; add some, or train without detection");
  }
  const auto num_frozen = static_cast<std::size_t>(options.detector_frozen_blocks);
  detector->freeze_before(num_frozen);
  std::vector<torch::Tensor> parameters;
  for (torch::Tensor& parameter : detector->parameters()) parameter.requires_grad_(false);
  for (torch::Tensor& parameter : detector->block_parameters(num_frozen))
    parameters.push_back(parameter.requires_grad_());
  torch::optim::AdamW optimizer(
      parameters, torch::optim::AdamWOptions(options.detector_learning_rate).weight_decay(kWeightDecay));
  Prefetch<SceneBatch> batches(options.detector_steps,
                               [&](std::size_t i) { return make_batch(pool, sources, options, i); });
  for (std::size_t step = 0; step < options.detector_steps; ++step) {
    const SceneBatch batch = batches.next();
    const Detections found = detector->forward(batch.images);
    const torch::Tensor loss = (box_loss(found.boxes, batch.boxes) +
                                kAttentionWeight * attention_loss(found.attention, batch.boxes) +
                                kCellWeight * cell_loss(found, batch.boxes))
                                   .mean();
    const DetectorStep figures{step + 1, loss.item<double>(),
                               box_overlap(found.boxes, batch.boxes).mean().item<double>()};
    if (!std::isfinite(figures.loss)) {
      throw Error(ErrorCode::kInternal, "training diverged: the loss of the boxes is not finite at step " +
                                            std::to_string(step + 1) + "; use a lower learning rate");
    }
    for (auto& group : optimizer.param_groups()) {
      static_cast<torch::optim::AdamWOptions&>(group.options()).lr(learning_rate(options, step));
    }
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
            .sum(1);
    const torch::Tensor clipped = found.boxes.clamp(0, 1).contiguous();
    for (std::int64_t i = 0; i < clipped.size(0); ++i) {
      const float* box = clipped.data_ptr<float>() + i * 4;
      result.push_back({{box[0], box[1], box[2], box[3]}, agreement[i].item<double>()});
    }
  });
  return result;
}

}  // namespace vitrine::training

// SPDX-License-Identifier: MIT
#include "training/scene_batches.h"

#include <utility>

#include "training/batches.h"
#include "training/scenes.h"
#include "vitrine/error.h"

namespace vitrine::training {
namespace {

// Scenes are composed larger than the input and then reduced, as photos are.
constexpr double kSceneScale = 1.5;
constexpr std::uint64_t kSceneStream = std::uint64_t{1} << 62;

}  // namespace

SceneBatches::SceneBatches(const PicturePool& pool, const TrainingOptions& options)
    : pool_(pool), options_(options) {
  for (std::size_t i = 0; i < pool.pictures.size(); ++i) {
    const PooledPicture& picture = pool.pictures[i];
    if (picture.split != Split::kTrain) continue;
    if (!picture.cutout.tight_box_px.empty()) cutouts_.push_back(i);
    if (!picture.shop_picture) photos_.push_back(i);
  }
  if (cutouts_.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot teach detection: the list has no training picture with the role 'shop' whose product "
                "stands out from white; add some, or train without detection");
  }
}

BoxBatch SceneBatches::make(std::size_t batch_index) const {
  const int side_px = static_cast<int>(options_.detector_px * kSceneScale);
  std::vector<Image> images;
  std::vector<float> boxes;
  for (std::size_t i = 0; i < options_.batch_size; ++i) {
    Random random = random_for(options_.seed, kSceneStream, batch_index * options_.batch_size + i);
    const auto any = [&](const std::vector<std::size_t>& indices) -> const PooledPicture& {
      return pool_.pictures[indices[random() % indices.size()]];
    };
    const PooledPicture& product = any(cutouts_);
    const Image& background = photos_.empty() ? product.image : any(photos_).image;
    const Scene scene = compose_scene({product.cutout, any(cutouts_).cutout, background}, side_px, random);
    images.push_back(resize(scene.image, options_.detector_px, options_.detector_px));
    for (const double edge : {scene.box.x0, scene.box.y0, scene.box.x1, scene.box.y1})
      boxes.push_back(static_cast<float>(edge));
  }
  return {to_input(images), torch::tensor(boxes).view({-1, 4})};
}

}  // namespace vitrine::training

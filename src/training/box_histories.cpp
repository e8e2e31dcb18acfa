// SPDX-License-Identifier: MIT
#include "training/box_histories.h"

#include "training/detector_training.h"
#include "training/feature_extraction.h"

namespace vitrine::training {
namespace {

constexpr std::size_t kNumPictures = 12;

std::vector<std::size_t> photos(const PicturePool& pool, Split split) {
  return select_pictures(pool, kNumPictures, [&](const PooledPicture& picture) {
    return picture.split == split && !picture.shop_picture;
  });
}

}  // namespace

BoxHistories::BoxHistories(const PicturePool& pool, int input_px) : pool_(pool), input_px_(input_px) {
  pictures_ = photos(pool, Split::kValidation);
  if (pictures_.empty()) pictures_ = photos(pool, Split::kTrain);
  for (const std::size_t i : pictures_) histories_.push_back({pool.pictures[i].path, {}});
}

void BoxHistories::add(DetectorNetwork& detector, const std::string& when) {
  if (pictures_.empty()) return;
  const auto found = detect(detector, pool_, pictures_, input_px_);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const network::RelativeBox& box = found[i].box;
    histories_[i].snapshots.push_back({when, box.x0, box.y0, box.x1, box.y1});
  }
}

}  // namespace vitrine::training

// SPDX-License-Identifier: MIT
#include "training/box_judgement.h"

#include <limits>

namespace vitrine::training {
namespace {

double mean(double sum, std::size_t count) {
  return count == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(count);
}

}  // namespace

BoxJudgement judge_boxes(const PicturePool& pool) {
  std::size_t num_photos = 0;
  std::size_t num_judged = 0;
  BoxJudgement sums;
  for (const PooledPicture& picture : pool.pictures) {
    if (!picture.box || picture.shop_picture) continue;
    ++num_photos;
    sums.area += area(*picture.box);
    if (!picture.true_box) continue;
    ++num_judged;
    const double overlap = network::intersection_over_union(*picture.box, *picture.true_box);
    sums.overlap += overlap;
    sums.hits += overlap > 0.5 ? 1 : 0;
  }
  return {mean(sums.overlap, num_judged), mean(sums.hits, num_judged), mean(sums.area, num_photos)};
}

}  // namespace vitrine::training

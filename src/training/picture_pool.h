// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "synthesis/cutout.h"
#include "vitrine/image.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// A picture held in memory, small, with its labels as dense numbers.
struct PooledPicture {
  Image image;
  std::int64_t product_index = -1;   ///< -1: none, or too few pictures to learn from
  std::int64_t category_index = -1;  ///< -1: none
  std::string product;
  Split split = Split::kTrain;
  bool shop_picture = false;
  synthesis::Cutout cutout;  ///< only of shop pictures
};

/// All pictures of a training run. The memory is about 3 * (1.3 input_px)^2 bytes a picture.
struct PicturePool {
  std::vector<PooledPicture> pictures;
  std::vector<std::string> products;    ///< names behind product_index
  std::vector<std::string> categories;  ///< names behind category_index, sorted
  std::vector<IngestFailure> failures;
};

/// Decodes on `num_threads` threads; pictures keep the order of the list, unreadable ones are left out and
/// reported. The shorter side of each is `short_side_px`, at most the source's.
PicturePool load_pictures(const std::vector<TrainingPicture>& list, int short_side_px, unsigned num_threads);

}  // namespace vitrine::training

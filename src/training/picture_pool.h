// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "network/detector.h"
#include "synthesis/cutout.h"
#include "vitrine/image.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// A picture held in memory, small, with its labels as dense numbers.
struct PooledPicture {
  Image image;
  std::filesystem::path path;
  std::size_t list_index = 0;        ///< position in the list that the pool was loaded from
  std::int64_t product_index = -1;   ///< -1: none, or too few pictures to learn from
  std::int64_t category_index = -1;  ///< -1: none
  std::string product;
  Split split = Split::kTrain;
  bool shop_picture = false;
  synthesis::Cutout cutout;                      ///< only of shop pictures
  std::optional<network::RelativeBox> box;       ///< where the product is, as far as training has found out
  std::optional<network::RelativeBox> true_box;  ///< for judging only, see TrainingPicture
  double box_score = 0;                          ///< how sure the detection branch is of it, see Embedding
};

/// The part of the picture that is described: its box with a margin as inference cuts it out, or all of it.
Image described_part(const PooledPicture& picture, double margin);
/// Its middle, this share of its sides.
Image central_part(const PooledPicture& picture, double share);

/// All pictures of a training run.
struct PicturePool {
  std::vector<PooledPicture> pictures;
  std::vector<std::string> products;    ///< names behind product_index
  std::vector<std::string> categories;  ///< names behind category_index, sorted
  std::vector<IngestFailure> failures;
  double margin = 0;       ///< around boxes: see network::with_margin
  double center_view = 0;  ///< of the finished model, see ModelInfo
};

/// Decodes on `num_threads` threads; pictures keep the order of the list, unreadable ones are left out and
/// reported. The shorter side of each is `short_side_px`, at most the source's.
PicturePool load_pictures(const std::vector<TrainingPicture>& list, int short_side_px, unsigned num_threads);

}  // namespace vitrine::training

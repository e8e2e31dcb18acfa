// SPDX-License-Identifier: MIT
#include <cmath>
#include <string>

#include "network/detector.h"
#include "vitrine/error.h"
#include "vitrine/training.h"

namespace vitrine {
namespace {

void require(bool holds, const std::string& what) {
  if (!holds) throw Error(ErrorCode::kInvalidArgument, "cannot train: " + what);
}

void require_at_least_zero(double value, const std::string& field) {
  require(std::isfinite(value) && value >= 0, field + " must be at least 0, found " + std::to_string(value));
}

void require_input_size(int side_px, const std::string& field) {
  require(side_px >= 32 && side_px <= 1024 && side_px % 32 == 0,
          field + " must be a multiple of 32 from 32 to 1024, found " + std::to_string(side_px));
}

}  // namespace

void TrainingOptions::validate() const {
  require(!init.empty(), "init names no pretrained weights");
  require(!output.empty(), "output names no file");
  require(epochs >= 0 && epochs <= 10000, "epochs must be 0 to 10000, found " + std::to_string(epochs));
  require(batch_size >= 2 && batch_size <= 4096,
          "batch_size must be 2 to 4096, found " + std::to_string(batch_size));
  require_input_size(input_px, "input_px");
  if (inference_px != 0) require_input_size(inference_px, "inference_px");
  require(feature_dim >= 64 && feature_dim % 64 == 0,
          "feature_dim must be a multiple of 64 from 64 on, found " + std::to_string(feature_dim));
  require(frozen_blocks >= 0, "frozen_blocks must be 0 or more, found " + std::to_string(frozen_blocks));
  require(shop_picture_repeats >= 0 && shop_picture_repeats <= 1000,
          "shop_picture_repeats must be 0 to 1000, found " + std::to_string(shop_picture_repeats));
  require(center_view == 0 || (center_view >= 0.1 && center_view <= 1),
          "center_view must lie between 0.1 and 1, or be 0, found " + std::to_string(center_view));
  require(category_only_share >= 0 && category_only_share <= 1,
          "category_only_share must lie between 0 and 1, found " + std::to_string(category_only_share));
  require(detector_px >= 32 && detector_px <= 1024 && detector_px % network::kDetectorStridePx == 0,
          "detector_px must be a multiple of 16 from 32 to 1024, found " + std::to_string(detector_px));
  require(detector_steps <= 1'000'000,
          "detector_steps must be 0 to 1000000, found " + std::to_string(detector_steps));
  require(click_candidates >= 2 && click_candidates <= 10'000,
          "click_candidates must be 2 to 10000, found " + std::to_string(click_candidates));
  require(detector_learning_rate > 0 && detector_learning_rate < 1,
          "detector_learning_rate must lie between 0 and 1, found " + std::to_string(detector_learning_rate));
  const auto num_detector_blocks = static_cast<int>(network::detector_blocks().size());
  require(detector_frozen_blocks >= 0 && detector_frozen_blocks < num_detector_blocks,
          "detector_frozen_blocks must be 0 to " + std::to_string(num_detector_blocks - 1) + ", found " +
              std::to_string(detector_frozen_blocks));
  require(joint == JointKind::kNone || detector != DetectorKind::kNone,
          "joint learning teaches the detection branch, but there is none: set detector, too");
  require(joint == JointKind::kNone || (joint_epochs >= 1 && joint_epochs <= epochs),
          "joint_epochs must be 1 to epochs, " + std::to_string(epochs) + ", found " +
              std::to_string(joint_epochs));
  require(joint_learning_rate > 0 && joint_learning_rate < 1,
          "joint_learning_rate must lie between 0 and 1, found " + std::to_string(joint_learning_rate));
  require(joint_feature_rate >= 0 && joint_feature_rate <= 1,
          "joint_feature_rate must lie between 0 and 1, found " + std::to_string(joint_feature_rate));
  require_at_least_zero(box_area_weight, "box_area_weight");
  require(near_box_share >= 0 && near_box_share <= 1,
          "near_box_share must lie between 0 and 1, found " + std::to_string(near_box_share));
  require(crop_margin >= 0 && crop_margin <= 1,
          "crop_margin must lie between 0 and 1, found " + std::to_string(crop_margin));
  require(learning_rate > 0 && learning_rate < 1,
          "learning_rate must lie between 0 and 1, found " + std::to_string(learning_rate));
  require(initial_share >= 0 && initial_share <= 1,
          "initial_share must lie between 0 and 1, found " + std::to_string(initial_share));
  require(whitening >= 0 && whitening <= 1,
          "whitening must lie between 0 and 1, found " + std::to_string(whitening));
  require(scale > 0 && std::isfinite(scale), "scale must be above 0, found " + std::to_string(scale));
  require(patchwork_share >= 0 && patchwork_share <= 4,
          "patchwork_share must lie between 0 and 4, found " + std::to_string(patchwork_share));
  require(triplet_margin > 0 && triplet_margin <= 4,
          "triplet_margin must be above 0 and at most 4, found " + std::to_string(triplet_margin));
  require(triplets_per_query >= 1 && triplets_per_query <= 1000,
          "triplets_per_query must be 1 to 1000, found " + std::to_string(triplets_per_query));
  require(negatives_per_triplet >= 1 && negatives_per_triplet <= 1000,
          "negatives_per_triplet must be 1 to 1000, found " + std::to_string(negatives_per_triplet));
  require(patience >= 0, "patience must be at least 0, found " + std::to_string(patience));
  require_at_least_zero(triplet_weight, "triplet_weight");
  require_at_least_zero(quantization_weight, "quantization_weight");
  require_at_least_zero(weight_decay, "weight_decay");
  require_at_least_zero(margin, "margin");
  require_at_least_zero(category_weight, "category_weight");
  require_at_least_zero(retention_weight, "retention_weight");
  require_at_least_zero(relation_weight, "relation_weight");
}

}  // namespace vitrine

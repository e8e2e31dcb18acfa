// SPDX-License-Identifier: MIT
#pragma once
#include <span>
#include <string>

#include "vitrine/box.h"
#include "vitrine/embedder.h"
#include "vitrine/error.h"
#include "vitrine/image.h"

namespace vitrine::network {

/// ErrorCode::kInvalidArgument unless there is one box a picture. What the boxes hold is for crop to check.
inline void check_boxes(std::span<const Image> images, std::span<const BoxPx> boxes_px) {
  if (images.size() == boxes_px.size()) return;
  throw Error(ErrorCode::kInvalidArgument, "cannot embed " + std::to_string(images.size()) +
                                               " pictures with " + std::to_string(boxes_px.size()) +
                                               " boxes: give one box for each picture");
}

/// ErrorCode::kInvalidArgument if an option is out of range.
inline void check(const DetectionOptions& options) {
  const auto is_share = [](double value) { return value >= 0 && value <= 1; };
  if (options.max_boxes > 0 && is_share(options.max_overlap) && is_share(options.min_score)) return;
  throw Error(ErrorCode::kInvalidArgument,
              "cannot look for boxes: max_boxes must be at least 1, max_overlap and min_score from 0 to 1");
}

}  // namespace vitrine::network

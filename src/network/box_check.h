// SPDX-License-Identifier: MIT
#pragma once
#include <span>
#include <string>

#include "vitrine/box.h"
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

}  // namespace vitrine::network

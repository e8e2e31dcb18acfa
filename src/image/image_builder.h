// SPDX-License-Identifier: MIT
#pragma once
/// Makes pictures whose source size differs from their own.
#include <cstdint>
#include <utility>
#include <vector>

#include "vitrine/image.h"

namespace vitrine {

class ImageBuilder {
 public:
  static Image build(int width_px, int height_px, std::vector<std::uint8_t> pixels, int source_width_px,
                     int source_height_px) {
    Image image(width_px, height_px, std::move(pixels));
    image.source_width_px_ = source_width_px;
    image.source_height_px_ = source_height_px;
    return image;
  }
};

}  // namespace vitrine

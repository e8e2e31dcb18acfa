// SPDX-License-Identifier: MIT
#include "image/alpha.h"

#include <cstddef>

namespace vitrine::image {

void lay_over_white(std::vector<std::uint8_t>& pixels) {
  const std::size_t num_pixels = pixels.size() / 4;
  const std::uint8_t* from = pixels.data();
  std::uint8_t* to = pixels.data();
  for (std::size_t i = 0; i < num_pixels; ++i, from += 4, to += 3) {
    const unsigned alpha = from[3];
    const unsigned white = 255 * (255 - alpha) + 127;  // 127 rounds the division
    const unsigned red = from[0] * alpha + white;
    const unsigned green = from[1] * alpha + white;
    const unsigned blue = from[2] * alpha + white;
    to[0] = static_cast<std::uint8_t>(red / 255);
    to[1] = static_cast<std::uint8_t>(green / 255);
    to[2] = static_cast<std::uint8_t>(blue / 255);
  }
  pixels.resize(num_pixels * 3);
}

}  // namespace vitrine::image

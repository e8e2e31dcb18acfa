// SPDX-License-Identifier: MIT
#include "image/orientation.h"

#include <algorithm>
#include <cstring>
#include <utility>

namespace vitrine::image {
namespace {

/// Where upright pixels come from: x and y exchanged first, then counted from the far end.
struct Turn {
  bool swaps_axes;
  bool mirrors_x;
  bool mirrors_y;
};

// Indexed by EXIF orientation.
constexpr Turn kTurns[9] = {{false, false, false}, {false, false, false}, {false, true, false},
                            {false, true, true},   {false, false, true},  {true, false, false},
                            {true, false, true},   {true, true, true},    {true, true, false}};

// When axes are exchanged one side is read across its rows: blocks keep those rows in the cache.
constexpr int kBlockPx = 32;

}  // namespace

void turn_upright(Picture& picture) {
  if (picture.orientation == 1) return;
  const Turn turn = kTurns[picture.orientation];
  const std::ptrdiff_t row_bytes = std::ptrdiff_t{3} * picture.width_px;
  // One step right or down in the upright picture is this many bytes in the old one.
  std::ptrdiff_t right_bytes = 3;
  std::ptrdiff_t down_bytes = row_bytes;
  const std::uint8_t* origin = picture.pixels.data();
  if (turn.mirrors_x) {
    origin += row_bytes - 3;
    right_bytes = -right_bytes;
  }
  if (turn.mirrors_y) {
    origin += row_bytes * (picture.height_px - 1);
    down_bytes = -down_bytes;
  }
  int width_px = picture.width_px;
  int height_px = picture.height_px;
  if (turn.swaps_axes) {
    std::swap(width_px, height_px);
    std::swap(right_bytes, down_bytes);
    std::swap(picture.source_width_px, picture.source_height_px);
  }
  std::vector<std::uint8_t> upright(picture.pixels.size());
  for (int block_y = 0; block_y < height_px; block_y += kBlockPx) {
    const int end_y = std::min(block_y + kBlockPx, height_px);
    for (int block_x = 0; block_x < width_px; block_x += kBlockPx) {
      const int end_x = std::min(block_x + kBlockPx, width_px);
      for (int y = block_y; y < end_y; ++y) {
        std::uint8_t* to = upright.data() + std::ptrdiff_t{3} * (std::ptrdiff_t{width_px} * y + block_x);
        for (int x = block_x; x < end_x; ++x, to += 3) {
          std::memcpy(to, origin + right_bytes * x + down_bytes * y, 3);
        }
      }
    }
  }
  picture.width_px = width_px;
  picture.height_px = height_px;
  picture.orientation = 1;
  picture.pixels = std::move(upright);
}

}  // namespace vitrine::image

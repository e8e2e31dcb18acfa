// SPDX-License-Identifier: MIT
#pragma once
#include <algorithm>
#include <limits>

namespace vitrine {

/// A rectangle in pixels of the upright picture (EXIF orientation applied, full resolution). Left and top
/// edges are inclusive, right and bottom edges exclusive.
struct BoxPx {
  int x0 = 0;
  int y0 = 0;
  int x1 = 0;
  int y1 = 0;

  int width() const { return x1 - x0; }
  int height() const { return y1 - y0; }
  bool empty() const { return x1 <= x0 || y1 <= y0; }
  /// What of it lies in a picture of this size; empty if nothing does.
  BoxPx clipped(int width_px, int height_px) const {
    return {std::max(x0, 0), std::max(y0, 0), std::min(x1, width_px), std::min(y1, height_px)};
  }
  friend bool operator==(const BoxPx&, const BoxPx&) = default;
};

/// A box that holds every picture: once clipped, all of it.
inline constexpr BoxPx kWholePicture{0, 0, std::numeric_limits<int>::max(), std::numeric_limits<int>::max()};

}  // namespace vitrine

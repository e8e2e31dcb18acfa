// SPDX-License-Identifier: MIT
#pragma once

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
  friend bool operator==(const BoxPx&, const BoxPx&) = default;
};

}  // namespace vitrine

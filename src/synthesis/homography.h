// SPDX-License-Identifier: MIT
#pragma once
/// Projective maps between pictures, and sampling through them.
#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "vitrine/image.h"

namespace vitrine::synthesis {

/// A 3x3 matrix, row-major, acting on (x, y, 1) in pixels; pixel centres lie at +0.5.
class Homography {
 public:
  Homography() = default;
  explicit Homography(const std::array<double, 9>& matrix) : matrix_(matrix) {}
  static Homography translation(double dx_px, double dy_px);
  static Homography scaling(double sx, double sy);
  static Homography rotation(double angle_rad);
  /// Tilts the plane: w = 1 + px x + py y.
  static Homography perspective(double px, double py);

  /// The map that applies `first`, then this.
  Homography after(const Homography& first) const;
  /// Needs a regular matrix.
  Homography inverse() const;
  struct Point {
    double x;
    double y;
  };
  Point apply(double x, double y) const;

 private:
  std::array<double, 9> matrix_{1, 0, 0, 0, 1, 0, 0, 0, 1};
};

/// Samples `source` bilinearly at `to_source(x, y)` for every pixel of a new picture; points outside take the
/// colour of the nearest edge pixel. For shrinking by more than 2 reduce the source first: there is no other
/// smoothing.
Image warp(const Image& source, const Homography& to_source, int width_px, int height_px);

/// A one-channel plane, `[height, width]`.
struct Plane {
  int width_px = 0;
  int height_px = 0;
  std::vector<std::uint8_t> values;
};

/// As above for a plane; points outside are 0.
Plane warp(const Plane& source, const Homography& to_source, int width_px, int height_px);

}  // namespace vitrine::synthesis

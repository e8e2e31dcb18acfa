// SPDX-License-Identifier: MIT
#include "synthesis/homography.h"

#include <algorithm>
#include <cmath>

namespace vitrine::synthesis {

Homography Homography::translation(double dx_px, double dy_px) {
  return Homography({1, 0, dx_px, 0, 1, dy_px, 0, 0, 1});
}

Homography Homography::scaling(double sx, double sy) {
  return Homography({sx, 0, 0, 0, sy, 0, 0, 0, 1});
}

Homography Homography::rotation(double angle_rad) {
  const double c = std::cos(angle_rad);
  const double s = std::sin(angle_rad);
  return Homography({c, -s, 0, s, c, 0, 0, 0, 1});
}

Homography Homography::perspective(double px, double py) {
  return Homography({1, 0, 0, 0, 1, 0, px, py, 1});
}

Homography Homography::after(const Homography& first) const {
  std::array<double, 9> product{};
  for (int row = 0; row < 3; ++row) {
    for (int column = 0; column < 3; ++column) {
      for (int i = 0; i < 3; ++i)
        product[row * 3 + column] += matrix_[row * 3 + i] * first.matrix_[i * 3 + column];
    }
  }
  return Homography(product);
}

Homography Homography::inverse() const {
  const auto& m = matrix_;
  const std::array<double, 9> adjugate{
      m[4] * m[8] - m[5] * m[7], m[2] * m[7] - m[1] * m[8], m[1] * m[5] - m[2] * m[4],
      m[5] * m[6] - m[3] * m[8], m[0] * m[8] - m[2] * m[6], m[2] * m[3] - m[0] * m[5],
      m[3] * m[7] - m[4] * m[6], m[1] * m[6] - m[0] * m[7], m[0] * m[4] - m[1] * m[3]};
  const double determinant = m[0] * adjugate[0] + m[1] * adjugate[3] + m[2] * adjugate[6];
  std::array<double, 9> result{};
  for (int i = 0; i < 9; ++i) result[i] = adjugate[i] / determinant;
  return Homography(result);
}

Homography::Point Homography::apply(double x, double y) const {
  const auto& m = matrix_;
  const double w = m[6] * x + m[7] * y + m[8];
  return {(m[0] * x + m[1] * y + m[2]) / w, (m[3] * x + m[4] * y + m[5]) / w};
}

namespace {

// The four pixels around a point and their weights, in 1/256.
struct Bilinear {
  int x0, y0;
  int fx, fy;
  Bilinear(double x, double y) {
    const double left = std::floor(x - 0.5);
    const double top = std::floor(y - 0.5);
    fx = static_cast<int>((x - 0.5 - left) * 256);
    fy = static_cast<int>((y - 0.5 - top) * 256);
    // Far outside the exact place does not matter, but the conversion to int must stay defined.
    x0 = static_cast<int>(std::clamp(left, -1e6, 1e6));
    y0 = static_cast<int>(std::clamp(top, -1e6, 1e6));
  }
  int mix(int a, int b, int c, int d) const {
    return ((a * (256 - fx) + b * fx) * (256 - fy) + (c * (256 - fx) + d * fx) * fy + (1 << 15)) >> 16;
  }
};

}  // namespace

Image warp(const Image& source, const Homography& to_source, int width_px, int height_px) {
  std::vector<std::uint8_t> pixels(static_cast<std::size_t>(width_px) * height_px * 3);
  const std::uint8_t* in = source.pixels().data();
  const int max_x = source.width_px() - 1;
  const int max_y = source.height_px() - 1;
  std::uint8_t* out = pixels.data();
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x, out += 3) {
      const auto point = to_source.apply(x + 0.5, y + 0.5);
      const Bilinear at(point.x, point.y);
      const int xa = std::clamp(at.x0, 0, max_x);
      const int xb = std::clamp(at.x0 + 1, 0, max_x);
      const std::uint8_t* row_a =
          in + static_cast<std::size_t>(std::clamp(at.y0, 0, max_y)) * (max_x + 1) * 3;
      const std::uint8_t* row_b =
          in + static_cast<std::size_t>(std::clamp(at.y0 + 1, 0, max_y)) * (max_x + 1) * 3;
      for (int c = 0; c < 3; ++c) {
        out[c] = static_cast<std::uint8_t>(
            at.mix(row_a[xa * 3 + c], row_a[xb * 3 + c], row_b[xa * 3 + c], row_b[xb * 3 + c]));
      }
    }
  }
  return Image(width_px, height_px, std::move(pixels));
}

Plane warp(const Plane& source, const Homography& to_source, int width_px, int height_px) {
  Plane result{width_px, height_px,
               std::vector<std::uint8_t>(static_cast<std::size_t>(width_px) * height_px)};
  const auto value = [&source](int x, int y) -> int {
    if (x < 0 || y < 0 || x >= source.width_px || y >= source.height_px) return 0;
    return source.values[static_cast<std::size_t>(y) * source.width_px + x];
  };
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      const auto point = to_source.apply(x + 0.5, y + 0.5);
      const Bilinear at(point.x, point.y);
      result.values[static_cast<std::size_t>(y) * width_px + x] =
          static_cast<std::uint8_t>(at.mix(value(at.x0, at.y0), value(at.x0 + 1, at.y0),
                                           value(at.x0, at.y0 + 1), value(at.x0 + 1, at.y0 + 1)));
    }
  }
  return result;
}

}  // namespace vitrine::synthesis

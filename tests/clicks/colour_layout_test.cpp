// SPDX-License-Identifier: MIT
#include "clicks/colour_layout.h"

#include <catch2/catch.hpp>
#include <numeric>

namespace vitrine::clicks {
namespace {

Image halves(std::array<std::uint8_t, 3> left, std::array<std::uint8_t, 3> right) {
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < 80; ++y)
    for (int x = 0; x < 100; ++x) {
      const auto& colour = x < 50 ? left : right;
      pixels.insert(pixels.end(), colour.begin(), colour.end());
    }
  return {100, 80, std::move(pixels)};
}

double likeness(const Image& a, const Image& b) {
  const std::vector<float> x = colour_layout(a), y = colour_layout(b);
  REQUIRE(x.size() == kColourLayoutDim);
  return std::inner_product(x.begin(), x.end(), y.begin(), 0.0);
}

}  // namespace

TEST_CASE("a layout of colours tells hue and place apart, and forgives a little light") {
  const std::array<std::uint8_t, 3> red = {200, 20, 20}, dim_red = {180, 20, 26}, green = {20, 180, 20},
                                    grey = {128, 128, 128};
  CHECK(likeness(halves(red, green), halves(red, green)) == Approx(1).margin(1e-5));
  CHECK(likeness(halves(red, red), halves(green, green)) == Approx(0).margin(1e-5));
  CHECK(likeness(halves(red, red), halves(dim_red, dim_red)) > 0.9);
  const double swapped = likeness(halves(red, green), halves(green, red));
  CHECK(swapped > 0.2);  // the middle, which sees both
  CHECK(swapped < 0.7);
  CHECK(likeness(halves(grey, grey), halves(red, red)) == Approx(0).margin(1e-5));
}

}  // namespace vitrine::clicks

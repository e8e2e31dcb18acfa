// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "image/pictures.h"

namespace vitrine {
namespace {

using test::gradient;
using test::noise;

/// The filter at a distance in source pixels: a tent when shrinking, Keys's cubic when enlarging.
double filter(double distance, double scale) {
  const double t = std::abs(distance);
  if (scale > 1) return std::max(0.0, 1 - t / scale);
  if (t < 1) return 1.5 * std::pow(t, 3) - 2.5 * std::pow(t, 2) + 1;
  return t < 2 ? -0.5 * std::pow(t, 3) + 2.5 * std::pow(t, 2) - 4 * t + 2 : 0;
}

/// The definition, in double precision and without any rearrangement.
double reference(const Image& image, int width_px, int height_px, int x, int y, std::size_t channel) {
  const double scale_x = double(image.width_px()) / width_px;
  const double scale_y = double(image.height_px()) / height_px;
  double sum = 0;
  double weights = 0;
  for (int source_y = 0; source_y < image.height_px(); ++source_y) {
    const double weight_y = filter(source_y + 0.5 - (y + 0.5) * scale_y, scale_y);
    if (weight_y == 0) continue;
    for (int source_x = 0; source_x < image.width_px(); ++source_x) {
      const double weight = weight_y * filter(source_x + 0.5 - (x + 0.5) * scale_x, scale_x);
      const std::size_t pixel = static_cast<std::size_t>(source_y * image.width_px() + source_x);
      sum += weight * image.pixels()[3 * pixel + channel];
      weights += weight;
    }
  }
  return std::clamp(sum / weights, 0.0, 255.0);
}

double greatest_difference(const Image& image, int width_px, int height_px) {
  const Image resized = resize(image, width_px, height_px);
  double greatest = 0;
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      for (std::size_t channel = 0; channel < 3; ++channel) {
        const std::size_t pixel = static_cast<std::size_t>(y * width_px + x);
        const double value = resized.pixels()[3 * pixel + channel];
        greatest = std::max(greatest, std::abs(value - reference(image, width_px, height_px, x, y, channel)));
      }
    }
  }
  return greatest;
}

}  // namespace

TEST_CASE("resizing agrees with its definition but for rounding") {
  struct Case {
    int from_width, from_height, to_width, to_height;
  };
  const Case cases[] = {{40, 30, 16, 12}, {37, 53, 16, 16}, {64, 64, 32, 32}, {5, 7, 20, 9},
                        {16, 16, 17, 15}, {1, 1, 6, 4},     {90, 3, 1, 1},    {3, 70, 8, 2},
                        {33, 1, 10, 1},   {12, 12, 12, 5},  {12, 12, 5, 12},  {2, 2, 3, 3},
                        {200, 9, 4, 30},  {100, 80, 7, 3},  {8, 8, 9, 9}};
  for (const Case& c : cases) {
    INFO(c.from_width << "x" << c.from_height << " to " << c.to_width << "x" << c.to_height);
    CHECK(greatest_difference(noise(c.from_width, c.from_height, 7), c.to_width, c.to_height) < 0.502);
  }
}

TEST_CASE("resizing to the same size changes nothing") {
  const Image image = noise(31, 17, 3);
  CHECK(test::same_pixels(resize(image, 31, 17), image));
}

TEST_CASE("resizing keeps white white and black black") {
  for (const int value : {0, 255}) {
    const Image plain(50, 40, std::vector<std::uint8_t>(50 * 40 * 3, static_cast<std::uint8_t>(value)));
    for (const int side : {1, 7, 33, 120}) {
      const Image resized = resize(plain, side, side);
      CHECK(std::ranges::all_of(resized.pixels(), [&](int pixel) { return pixel == value; }));
    }
  }
}

TEST_CASE("enlarging overshoots beside an edge and is cut at black and white") {
  // Twice as wide, each pixel is (-3, 29, 111, -9) / 128 of four, or at the border (29, 111, -9) / 131 of
  // three.
  const auto row_of = [](std::initializer_list<int> values) {
    std::vector<std::uint8_t> pixels;
    for (const int value : values) pixels.insert(pixels.end(), 3, static_cast<std::uint8_t>(value));
    return pixels;
  };
  const Image soft = resize(Image(4, 1, row_of({100, 100, 200, 200})), 8, 1);
  CHECK(soft.pixels()[3 * 2] == 93);   // 100 - 100 * 9 / 131
  CHECK(soft.pixels()[3 * 3] == 120);  // 100 + 100 * 26 / 128
  CHECK(soft.pixels()[3 * 5] == 207);
  const Image hard = resize(Image(4, 1, row_of({0, 0, 255, 255})), 8, 1);
  CHECK(hard.pixels()[3 * 2] == 0);
  CHECK(hard.pixels()[3 * 5] == 255);
}

TEST_CASE("resizing keeps the source size") {
  const Image resized = resize(gradient(40, 30), 8, 9);
  CHECK(resized.width_px() == 8);
  CHECK(resized.height_px() == 9);
  CHECK(resized.source_width_px() == 40);
  CHECK(resized.source_height_px() == 30);
}

TEST_CASE("resizing refuses an empty picture and sides that are not positive") {
  const Image image = gradient(4, 4);
  CHECK_THROWS_AS(resize(Image(), 2, 2), Error);
  CHECK_THROWS_AS(resize(image, 0, 2), Error);
  CHECK_THROWS_AS(resize(image, 2, -1), Error);
}

}  // namespace vitrine

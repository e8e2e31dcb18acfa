// SPDX-License-Identifier: MIT
#include "training/distortion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

namespace vitrine::training {
namespace {

constexpr double kDegree = std::numbers::pi / 180;

// Covers a random rectangle with one colour (random erasing, Zhong et al., AAAI 2020).
void occlude(Image& image, Random& random) {
  const int side = image.width_px();
  const int width = static_cast<int>(uniform(random, 0.1, 0.4) * side);
  const int height = static_cast<int>(uniform(random, 0.1, 0.4) * side);
  const int left = static_cast<int>(uniform(random, 0, side - width));
  const int top = static_cast<int>(uniform(random, 0, side - height));
  std::array<std::uint8_t, 3> colour{};
  for (auto& value : colour) value = static_cast<std::uint8_t>(uniform(random, 0, 255));
  auto pixels = image.pixels();
  for (int y = top; y < top + height; ++y) {
    for (int x = left; x < left + width; ++x) {
      std::copy(colour.begin(), colour.end(),
                pixels.begin() + (static_cast<std::ptrdiff_t>(y) * side + x) * 3);
    }
  }
}

// Loses detail as a bad lens or a far camera does.
Image blur(const Image& image, Random& random) {
  const int side = image.width_px();
  const int small = static_cast<int>(side * uniform(random, 0.35, 0.8));
  return resize(resize(image, small, small), side, side);
}

}  // namespace

synthesis::Homography tilted_view(const Patch& patch, int side_px, Random& random) {
  using synthesis::Homography;
  const double angle = chance(random, 0.1) ? uniform(random, -std::numbers::pi, std::numbers::pi)
                                           : normal(random, 10 * kDegree);
  const double tilt = 0.15 / side_px;
  return Homography::translation(patch.center_x, patch.center_y)
      .after(Homography::scaling(patch.width / side_px, patch.height / side_px))
      .after(Homography::rotation(angle))
      .after(Homography::perspective(uniform(random, -tilt, tilt), uniform(random, -tilt, tilt)))
      .after(Homography::translation(-side_px / 2.0, -side_px / 2.0));
}

synthesis::Homography random_view(int width_px, int height_px, int side_px, double min_area, Random& random) {
  const double area = uniform(random, min_area, 1.0);
  const double aspect = std::exp(normal(random, 0.12));
  const double part_width = std::min(1.0, std::sqrt(area) * aspect) * width_px;
  const double part_height = std::min(1.0, std::sqrt(area) / aspect) * height_px;
  const double center_x = part_width / 2 + uniform(random, 0, 1) * (width_px - part_width);
  const double center_y = part_height / 2 + uniform(random, 0, 1) * (height_px - part_height);
  return tilted_view({center_x, center_y, part_width, part_height}, side_px, random);
}

void change_light(Image& image, Random& random) {
  const double brightness = normal(random, 0.12) * 255;
  const double contrast = std::exp(normal(random, 0.18));
  const double gamma = std::exp(normal(random, 0.15));
  const double saturation = std::exp(normal(random, 0.2));
  std::array<std::array<float, 256>, 3> table{};
  for (auto& channel : table) {
    const double gain = contrast * std::exp(normal(random, 0.05));
    for (int v = 0; v < 256; ++v) {
      channel[v] = static_cast<float>((255 * std::pow(v / 255.0, gamma) - 128) * gain + 128 + brightness);
    }
  }
  auto pixels = image.pixels();
  const auto mix = static_cast<float>(saturation);
  for (std::size_t i = 0; i < pixels.size(); i += 3) {
    const float r = table[0][pixels[i]];
    const float g = table[1][pixels[i + 1]];
    const float b = table[2][pixels[i + 2]];
    const float grey = 0.299F * r + 0.587F * g + 0.114F * b;
    const auto put = [&](float v) {
      return static_cast<std::uint8_t>(std::clamp(grey + (v - grey) * mix, 0.0F, 255.0F));
    };
    pixels[i] = put(r);
    pixels[i + 1] = put(g);
    pixels[i + 2] = put(b);
  }
}

void spoil(Image& image, Random& random) {
  if (chance(random, 0.8)) change_light(image, random);
  if (chance(random, 0.1)) image = blur(image, random);
  if (chance(random, 0.15)) occlude(image, random);
}

void change_colours(Image& image, Random& random) {
  std::array<int, 3> order{0, 1, 2};
  for (int i = 2; i > 0; --i) std::swap(order[i], order[random() % (i + 1)]);
  std::array<std::uint8_t, 3> inverted{};
  for (auto& mask : inverted) mask = chance(random, 0.25) ? 255 : 0;
  auto pixels = image.pixels();
  for (std::size_t i = 0; i < pixels.size(); i += 3) {
    const std::array<std::uint8_t, 3> old{pixels[i], pixels[i + 1], pixels[i + 2]};
    for (std::size_t c = 0; c < 3; ++c) pixels[i + c] = old[order[c]] ^ inverted[c];
  }
}

}  // namespace vitrine::training

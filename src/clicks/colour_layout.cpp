// SPDX-License-Identifier: MIT
#include "clicks/colour_layout.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

namespace vitrine::clicks {
namespace {

constexpr std::size_t kHues = 8;
constexpr std::size_t kSaturations = 3;
constexpr std::size_t kGreys = 4;
constexpr std::size_t kBins = kHues * kSaturations + kGreys;
constexpr std::size_t kMiddle = 4;  // cells 0 to 3 are the quarters
constexpr float kMiddleWeight = 2;
constexpr float kGreyBelow = 0.15F;  // of saturation: hues of greyer pixels are noise

struct HueSaturationValue {
  float hue = 0;  ///< in [0, 6)
  float saturation = 0;
  float value = 0;
};

HueSaturationValue convert(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
  const float r = red / 255.0F, g = green / 255.0F, b = blue / 255.0F;
  const float high = std::max({r, g, b}), low = std::min({r, g, b});
  const float range = high - low;
  if (range <= 0) return {0, 0, high};
  float hue = high == r ? (g - b) / range : high == g ? 2 + (b - r) / range : 4 + (r - g) / range;
  if (hue < 0) hue += 6;
  return {std::min(hue, 5.9999F), range / high, high};
}

void add_pixel(std::span<float> cell, const HueSaturationValue& pixel, float weight) {
  if (pixel.saturation < kGreyBelow || pixel.value < kGreyBelow) {
    const auto grey = std::min<std::size_t>(static_cast<std::size_t>(pixel.value * kGreys), kGreys - 1);
    cell[kHues * kSaturations + grey] += weight;
    return;
  }
  const float strength = (pixel.saturation - kGreyBelow) / (1 - kGreyBelow);
  const auto saturation =
      std::min<std::size_t>(static_cast<std::size_t>(strength * kSaturations), kSaturations - 1);
  const float hue = pixel.hue / 6 * kHues;
  const auto left = static_cast<std::size_t>(hue);
  const float share = hue - static_cast<float>(left);
  cell[left % kHues * kSaturations + saturation] += weight * (1 - share);
  cell[(left + 1) % kHues * kSaturations + saturation] += weight * share;
}

}  // namespace

std::vector<float> colour_layout(const Image& image) {
  const Image small = resize(image, kColourLayoutPx, kColourLayoutPx);
  const std::span<const std::uint8_t> pixels = small.pixels();
  constexpr std::size_t kSide = kColourLayoutPx;
  std::vector<float> layout(kColourLayoutDim);
  const auto cell = [&](std::size_t index) { return std::span(layout).subspan(index * kBins, kBins); };
  for (std::size_t y = 0; y < kSide; ++y) {
    for (std::size_t x = 0; x < kSide; ++x) {
      const std::size_t at = (y * kSide + x) * 3;
      const HueSaturationValue pixel = convert(pixels[at], pixels[at + 1], pixels[at + 2]);
      add_pixel(cell(y * 2 / kSide * 2 + x * 2 / kSide), pixel, 1);
      const auto is_middle = [](std::size_t i) { return i >= kSide / 4 && i < kSide * 3 / 4; };
      if (is_middle(x) && is_middle(y)) add_pixel(cell(kMiddle), pixel, kMiddleWeight);
    }
  }
  float sum = 0;
  for (const float share : layout) sum += share;
  for (float& share : layout) share = std::sqrt(share / sum);
  return layout;
}

}  // namespace vitrine::clicks

// SPDX-License-Identifier: MIT
#include "inventory/picture_likeness.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace vitrine::inventory {
namespace {

// Pictures are brought to this size first, so that cutting and shrinking them again costs little.
constexpr int kWorkingPx = 96;
// Cutting both sides of one direction by the largest margin changes the ratio by this much.
constexpr double kMaxAspectRatio = 1.2;
// Below this standard deviation, of 255, there is nothing to compare.
constexpr double kMinDeviation = 3;

Image without_margins(const Image& image, double share) {
  const int width_px = image.source_width_px();
  const int height_px = image.source_height_px();
  const auto dx = static_cast<int>(std::lround(share * width_px));
  const auto dy = static_cast<int>(std::lround(share * height_px));
  return crop(image, {dx, dy, width_px - dx, height_px - dy});
}

}  // namespace

std::optional<PictureLook> PictureLook::of(const Image& image) {
  PictureLook look;
  look.aspect_ = static_cast<double>(image.width_px()) / image.height_px();
  const Image working = resize(image, kWorkingPx, kWorkingPx);
  for (std::size_t m = 0; m < kMargins.size(); ++m) {
    const Image part = resize(without_margins(working, kMargins[m]), kSidePx, kSidePx);
    Plane& plane = look.planes_[m];
    for (std::size_t i = 0; i < plane.size(); ++i) {
      const std::uint8_t* pixel = part.pixels().data() + 3 * i;
      plane[i] = 0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2];
    }
    const float mean = std::accumulate(plane.begin(), plane.end(), 0.0F) / static_cast<float>(plane.size());
    for (float& value : plane) value -= mean;
    const float norm = std::sqrt(std::inner_product(plane.begin(), plane.end(), plane.begin(), 0.0F));
    if (norm < kMinDeviation * std::sqrt(static_cast<double>(plane.size()))) return std::nullopt;
    for (float& value : plane) value /= norm;
  }
  return look;
}

double PictureLook::best_of(const PictureLook& cut) const {
  double best = -1;
  for (const Plane& plane : cut.planes_) {
    const Plane& whole = planes_.front();
    best = std::max<double>(best, std::inner_product(whole.begin(), whole.end(), plane.begin(), 0.0F));
  }
  return best;
}

double PictureLook::correlation(const PictureLook& other) const {
  const double ratio = aspect_ / other.aspect_;
  if (std::max(ratio, 1 / ratio) > kMaxAspectRatio) return -1;
  return std::max(best_of(other), other.best_of(*this));
}

}  // namespace vitrine::inventory

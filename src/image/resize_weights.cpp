// SPDX-License-Identifier: MIT
#include "image/resize_weights.h"

#include <algorithm>
#include <cmath>

namespace vitrine::image {
namespace {

/// Keys's cubic with a = -1/2, in units of its samples; 0 from 2 on.
double cubic(double distance) {
  const double t = std::abs(distance);
  if (t >= 2) return 0;
  return t < 1 ? (1.5 * t - 2.5) * t * t + 1 : ((-0.5 * t + 2.5) * t - 4) * t + 2;
}

double tent(double distance) {
  return std::max(1 - std::abs(distance), 0.0);
}

}  // namespace

ResizeWeights::ResizeWeights(int from_px, int to_px) {
  const double scale = static_cast<double>(from_px) / to_px;
  const bool enlarges = scale <= 1;
  const double radius = enlarges ? 2.0 : scale;
  const auto num_targets = static_cast<std::size_t>(to_px);
  first_.reserve(num_targets);
  begin_.reserve(num_targets + 1);
  weights_.reserve(num_targets * (static_cast<std::size_t>(2 * radius) + 2));
  begin_.push_back(0);
  std::vector<double> filter;
  for (int target = 0; target < to_px; ++target) {
    const double centre = (target + 0.5) * scale - 0.5;  // in source pixels, their centres at 0, 1, 2 ...
    // Strictly inside the filter: at its foot the weight is 0.
    const int first = std::max(static_cast<int>(std::floor(centre - radius)) + 1, 0);
    const int last = std::min(static_cast<int>(std::ceil(centre + radius)) - 1, from_px - 1);
    filter.clear();
    double sum = 0;
    for (int source = first; source <= last; ++source) {
      filter.push_back(enlarges ? cubic(source - centre) : tent((source - centre) / scale));
      sum += filter.back();
    }
    for (const double weight : filter) weights_.push_back(static_cast<float>(weight / sum));
    first_.push_back(static_cast<std::size_t>(first));
    begin_.push_back(weights_.size());
  }
}

}  // namespace vitrine::image

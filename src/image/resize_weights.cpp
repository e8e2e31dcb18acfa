// SPDX-License-Identifier: MIT
#include "image/resize_weights.h"

#include <algorithm>
#include <cmath>

namespace vitrine::image {

ResizeWeights::ResizeWeights(int from_px, int to_px) {
  const double scale = static_cast<double>(from_px) / to_px;
  const double radius = std::max(scale, 1.0);
  const auto num_targets = static_cast<std::size_t>(to_px);
  first_.reserve(num_targets);
  begin_.reserve(num_targets + 1);
  weights_.reserve(num_targets * (static_cast<std::size_t>(2 * radius) + 2));
  begin_.push_back(0);
  std::vector<double> tent;
  for (int target = 0; target < to_px; ++target) {
    const double centre = (target + 0.5) * scale - 0.5;  // in source pixels, their centres at 0, 1, 2 ...
    // Strictly inside the tent: at its foot the weight is 0.
    const int first = std::max(static_cast<int>(std::floor(centre - radius)) + 1, 0);
    const int last = std::min(static_cast<int>(std::ceil(centre + radius)) - 1, from_px - 1);
    tent.clear();
    double sum = 0;
    for (int source = first; source <= last; ++source) {
      tent.push_back(1 - std::abs(source - centre) / radius);
      sum += tent.back();
    }
    for (const double weight : tent) weights_.push_back(static_cast<float>(weight / sum));
    first_.push_back(static_cast<std::size_t>(first));
    begin_.push_back(weights_.size());
  }
}

}  // namespace vitrine::image

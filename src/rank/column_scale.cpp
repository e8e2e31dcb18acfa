// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cmath>
#include <limits>

#include "vitrine/quality_ranker.h"

namespace vitrine {
namespace {

// Fine enough for trees, which cut a column a few times only.
constexpr std::size_t kMaxQuantiles = 101;

std::vector<double> quantiles_of(std::vector<double> sorted) {
  if (sorted.size() <= kMaxQuantiles) return sorted;
  std::vector<double> quantiles;
  for (std::size_t i = 0; i < kMaxQuantiles; ++i)
    quantiles.push_back(sorted[i * (sorted.size() - 1) / (kMaxQuantiles - 1)]);
  return quantiles;
}

}  // namespace

double ColumnScale::standing(std::optional<double> value) const {
  if (!value || !std::isfinite(*value)) return std::numeric_limits<double>::quiet_NaN();
  const auto [first, last] = std::equal_range(quantiles.begin(), quantiles.end(), *value);
  const auto num_steps = static_cast<double>(quantiles.size() - 1);
  if (first != last) {
    // The middle of those that are equal.
    const auto place = static_cast<double>((first - quantiles.begin()) + (last - 1 - quantiles.begin())) / 2;
    return place / num_steps;
  }
  if (first == quantiles.begin()) return 0;
  if (first == quantiles.end()) return 1;
  const double low = *(first - 1);
  // Halved, so that no difference overflows.
  const double share = (*value / 2 - low / 2) / (*first / 2 - low / 2);
  return (static_cast<double>(first - 1 - quantiles.begin()) + share) / num_steps;
}

ColumnScales fit_scales(std::span<const std::string> names,
                        std::span<const std::vector<std::optional<double>>> values) {
  ColumnScales result;
  for (std::size_t column = 0; column < names.size(); ++column) {
    std::vector<double> finite;
    std::size_t num_infinite = 0;
    for (const auto& value : values[column]) {
      if (value && std::isfinite(*value)) finite.push_back(*value);
      if (value && !std::isfinite(*value)) ++num_infinite;
    }
    std::sort(finite.begin(), finite.end());
    if (finite.empty()) {
      result.unused.push_back({names[column], num_infinite > 0 ? "has no finite number" : "is empty"});
    } else if (finite.front() == finite.back()) {
      result.unused.push_back({names[column], "is the same for all items that have it"});
    } else {
      result.scales.push_back({names[column], quantiles_of(std::move(finite))});
      if (num_infinite > 0)
        result.warnings.push_back("column '" + names[column] + "': " + std::to_string(num_infinite) +
                                  " values are not finite and count as missing");
    }
  }
  return result;
}

}  // namespace vitrine

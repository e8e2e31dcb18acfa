// SPDX-License-Identifier: MIT
#include "ranker/ranker_figures.h"

#include <algorithm>
#include <cmath>

namespace vitrine::ranker {

std::vector<RankerReport::Importance> importances(const Samples& samples, std::span<const RankerTree> trees,
                                                  std::span<const ColumnScale> scales) {
  std::vector<double> sums(kNumVisualFeatures + scales.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::vector<double> parts = rank::contributions(samples.row(i), trees);
    for (std::size_t source = 0; source < parts.size(); ++source) sums[source] += std::abs(parts[source]);
  }
  std::vector<RankerReport::Importance> result;
  const auto count = static_cast<double>(std::max<std::size_t>(samples.size(), 1));
  for (std::size_t source = 0; source < sums.size(); ++source)
    result.push_back({ranker_source_name(source, scales), sums[source] / count});
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.mean_contribution > b.mean_contribution; });
  return result;
}

}  // namespace vitrine::ranker

// SPDX-License-Identifier: MIT
#include "vitrine/quality_ranking.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "vitrine/error.h"

namespace vitrine {

void QualityRanking::validate() const {
  const auto require = [](bool holds, const std::string& what) {
    if (!holds) throw Error(ErrorCode::kInvalidArgument, "cannot rank by quality: " + what);
  };
  require(use_trained || !columns.empty(), "no column is named");
  require(!use_trained || columns.empty(),
          "columns with weights and a trained ranker, which has its own, exclude each other");
  for (const QualityColumn& column : columns) {
    require(std::isfinite(column.weight) && column.weight != 0,
            "the weight of '" + column.name + "' must be a finite number other than 0, found " +
                std::to_string(column.weight));
  }
  require(strength >= 0 && strength <= 1,
          "strength must lie between 0 and 1, found " + std::to_string(strength));
}

std::vector<double> standings(std::span<const std::optional<double>> values) {
  std::vector<double> sorted;
  for (const auto& value : values)
    if (value && std::isfinite(*value)) sorted.push_back(*value);
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> result(values.size(), 0.5);
  if (sorted.size() < 2) return result;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!values[i] || !std::isfinite(*values[i])) continue;
    const auto [first, last] = std::equal_range(sorted.begin(), sorted.end(), *values[i]);
    const auto num_lower = static_cast<double>(first - sorted.begin());
    const auto num_equal = static_cast<double>(last - first - 1);
    result[i] = (num_lower + num_equal / 2) / static_cast<double>(sorted.size() - 1);
  }
  return result;
}

double quality_of(std::span<const double> standings, std::span<const QualityColumn> columns) {
  double sum = 0;
  double total = 0;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const double weight = std::abs(columns[i].weight);
    sum += weight * (columns[i].weight > 0 ? standings[i] : 1 - standings[i]);
    total += weight;
  }
  return total > 0 ? sum / total : 0.5;
}

std::vector<std::size_t> quality_order(std::span<const double> similarities,
                                       std::span<const double> qualities, const QualityRanking& ranking) {
  std::vector<std::size_t> wanted(similarities.size());
  std::iota(wanted.begin(), wanted.end(), std::size_t{0});
  std::stable_sort(wanted.begin(), wanted.end(), [&](std::size_t a, std::size_t b) {
    return similarities[a] + ranking.strength * qualities[a] >
           similarities[b] + ranking.strength * qualities[b];
  });
  // At most one hit is due at each place, and whatever was due earlier has its place already: so the bound
  // can always be kept, and a hit that is due passes none that is more alike.
  std::vector<std::size_t> order;
  std::vector<bool> is_placed(wanted.size(), false);
  auto next = wanted.begin();
  while (order.size() < wanted.size()) {
    const std::size_t place = order.size() + 1;
    const bool is_due =
        ranking.max_fall > 0 && place % ranking.max_fall == 0 && !is_placed[place / ranking.max_fall - 1];
    if (!is_due) next = std::find_if(next, wanted.end(), [&](std::size_t hit) { return !is_placed[hit]; });
    const std::size_t hit = is_due ? place / ranking.max_fall - 1 : *next;
    is_placed[hit] = true;
    order.push_back(hit);
  }
  return order;
}

}  // namespace vitrine

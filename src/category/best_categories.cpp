// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <numeric>
#include <string_view>
#include <utility>

#include "vitrine/category.h"

namespace vitrine {
namespace {

// Names are copied for the few that are wanted only.
struct NamedProbability {
  std::string_view name;
  double probability = 0;
};

std::vector<CategoryScore> best_of(std::vector<NamedProbability> all, std::size_t limit) {
  const std::size_t num_kept = std::min(limit, all.size());
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(num_kept), all.end(),
                    [](const NamedProbability& a, const NamedProbability& b) {
                      return a.probability != b.probability ? a.probability > b.probability : a.name < b.name;
                    });
  std::vector<CategoryScore> scores;
  for (std::size_t i = 0; i < num_kept; ++i) scores.push_back({std::string(all[i].name), all[i].probability});
  return scores;
}

}  // namespace

std::vector<CategoryScore> best_categories(std::span<const double> probabilities,
                                           std::span<const std::string> names, std::size_t limit) {
  std::vector<NamedProbability> all;
  for (std::size_t i = 0; i < std::min(probabilities.size(), names.size()); ++i) {
    if (probabilities[i] > 0) all.push_back({names[i], probabilities[i]});
  }
  return best_of(std::move(all), limit);
}

std::string_view category_at_level(std::string_view name, std::size_t level) {
  std::size_t end = std::string_view::npos;
  for (std::size_t part = 0; part < level; ++part) {
    end = name.find('/', part == 0 ? 0 : end + 1);
    if (end == std::string_view::npos) break;
  }
  return name.substr(0, end);
}

std::vector<CategoryScore> best_categories_at_level(std::span<const double> probabilities,
                                                    std::span<const std::string> names, std::size_t level,
                                                    std::size_t limit) {
  std::map<std::string_view, double> sums;
  for (std::size_t i = 0; i < std::min(probabilities.size(), names.size()); ++i) {
    if (probabilities[i] > 0) sums[category_at_level(names[i], level)] += probabilities[i];
  }
  std::vector<NamedProbability> all;
  for (const auto& [name, probability] : sums) all.push_back({name, probability});
  return best_of(std::move(all), limit);
}

std::vector<std::size_t> fewest_categories(std::span<const double> probabilities, double mass) {
  std::vector<std::size_t> order(probabilities.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return probabilities[a] > probabilities[b]; });
  double sum = 0;
  std::size_t num_kept = 0;
  while (num_kept < order.size() && probabilities[order[num_kept]] > 0 && (num_kept == 0 || sum < mass)) {
    sum += probabilities[order[num_kept]];
    ++num_kept;
  }
  order.resize(num_kept);
  return order;
}

}  // namespace vitrine

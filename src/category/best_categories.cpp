// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>
#include <numeric>

#include "vitrine/category.h"

namespace vitrine {
namespace {

std::vector<CategoryScore> best_of(std::vector<CategoryScore> scores, std::size_t limit) {
  const std::size_t num_kept = std::min(limit, scores.size());
  std::partial_sort(scores.begin(), scores.begin() + static_cast<std::ptrdiff_t>(num_kept), scores.end(),
                    [](const CategoryScore& a, const CategoryScore& b) {
                      return a.probability != b.probability ? a.probability > b.probability : a.name < b.name;
                    });
  scores.resize(num_kept);
  return scores;
}

}  // namespace

std::vector<CategoryScore> best_categories(std::span<const double> probabilities,
                                           std::span<const std::string> names, std::size_t limit) {
  std::vector<CategoryScore> scores;
  for (std::size_t i = 0; i < std::min(probabilities.size(), names.size()); ++i) {
    if (probabilities[i] > 0) scores.push_back({names[i], probabilities[i]});
  }
  return best_of(std::move(scores), limit);
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
  std::vector<CategoryScore> scores;
  for (const auto& [name, probability] : sums) scores.push_back({std::string(name), probability});
  return best_of(std::move(scores), limit);
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

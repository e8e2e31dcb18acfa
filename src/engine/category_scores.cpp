// SPDX-License-Identifier: MIT
#include "engine/category_scores.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

namespace vitrine::engine {
namespace {

std::vector<CategoryScore> best_first(std::vector<CategoryScore> scores) {
  std::sort(scores.begin(), scores.end(), [](const CategoryScore& a, const CategoryScore& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.name < b.name;
  });
  if (scores.size() > kMaxCategoryScores) scores.resize(kMaxCategoryScores);
  return scores;
}

}  // namespace

std::vector<CategoryScore> best_categories(std::span<const float> probabilities,
                                           std::span<const std::string> names) {
  std::vector<CategoryScore> scores;
  for (std::size_t i = 0; i < std::min(probabilities.size(), names.size()); ++i)
    scores.push_back({names[i], probabilities[i]});
  return best_first(std::move(scores));
}

std::vector<CategoryScore> vote_for_categories(std::span<const CategoryVote> votes) {
  constexpr double kLambda = 8;
  std::map<std::string_view, double> weights;
  double total = 0;
  for (const CategoryVote& vote : votes) {
    if (vote.category.empty()) continue;
    const double squared_distance = std::max(0.0, 2 - 2 * vote.cosine);
    const double weight = std::exp(-kLambda * squared_distance);
    weights[vote.category] += weight;
    total += weight;
  }
  std::vector<CategoryScore> scores;
  for (const auto& [name, weight] : weights) scores.push_back({std::string(name), weight / total});
  return best_first(std::move(scores));
}

}  // namespace vitrine::engine

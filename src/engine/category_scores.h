// SPDX-License-Identifier: MIT
#pragma once
/// Which category a query belongs to: what the model says or, if it does not know the catalogue's categories,
/// a vote of the nearest items.
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "vitrine/engine.h"

namespace vitrine::engine {

/// Most categories that a result lists.
inline constexpr std::size_t kMaxCategoryScores = 5;

/// The most probable of the model's categories. Shape: `probabilities` and `names` are `[categories]`.
std::vector<CategoryScore> best_categories(std::span<const float> probabilities,
                                           std::span<const std::string> names);

struct CategoryVote {
  std::string category;  ///< empty: no vote
  double cosine = 0;
};

/// Probability of a category: its share of the votes' weights exp(-lambda d^2), where d^2 = 2 - 2 cosine is
/// the squared distance of the features (Visual Search at Alibaba, KDD 2018, section 3.1: search-based
/// prediction). lambda = 8: a neighbour at cosine 0.9 counts a fifth of an equal one.
std::vector<CategoryScore> vote_for_categories(std::span<const CategoryVote> votes);

}  // namespace vitrine::engine

// SPDX-License-Identifier: MIT
#pragma once
/// What is known about the categories of queries: the fusion that the catalogue keeps, bound to the
/// categories of its items and of the model.
#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/search_table.h"
#include "vitrine/catalog.h"
#include "vitrine/category.h"
#include "vitrine/hamming_search.h"

namespace vitrine::engine {

struct CategoryOpinion {
  std::shared_ptr<const CategoryPredictor> predictor;  ///< has the names
  /// If nothing was fitted, `fused` is what the model says, or the vote where the model does not know the
  /// catalogue's categories.
  CategoryPrediction prediction;
};

/// Refers to catalogue and table. All calls may run concurrently.
class CategoryOpinions {
 public:
  /// A fusion that cannot be read counts as none: that is no reason not to search.
  CategoryOpinions(const Catalog& catalog, const SearchTable& table);

  bool is_fitted() const { return fusion_.has_value(); }

  /// `model_probabilities` is `[model_categories]` or empty; `votes` are by index into
  /// Catalog::category_names(). One list of model categories for the lifetime of this object.
  CategoryOpinion opinion(std::span<const float> model_probabilities,
                          std::span<const std::string> model_categories,
                          std::span<const CategoryNeighbor> votes) const;

  /// The fewest categories of the catalogue that hold `mass` of the fused opinion, and that of items without
  /// one; empty if all should be searched: without a fit, if the opinion points at a category without items,
  /// or needs more than half of the categories.
  std::vector<PartitionId> worth_searching(const CategoryOpinion& opinion, double mass) const;

 private:
  std::shared_ptr<const CategoryPredictor> predictor(std::span<const std::string> model_categories) const;
  const std::vector<std::string>& search_categories() const;

  const Catalog& catalog_;
  const SearchTable& table_;
  std::optional<CategoryFusion> fusion_;
  mutable std::mutex mutex_;
  mutable std::optional<std::vector<std::string>> search_categories_;           // made when first needed
  mutable std::array<std::shared_ptr<const CategoryPredictor>, 2> predictors_;  // without and with the model
};

}  // namespace vitrine::engine

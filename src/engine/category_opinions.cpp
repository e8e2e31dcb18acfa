// SPDX-License-Identifier: MIT
#include "engine/category_opinions.h"

#include <algorithm>

#include "engine/searchable_categories.h"
#include "vitrine/catalog_categories.h"
#include "vitrine/error.h"

namespace vitrine::engine {
namespace {

std::optional<CategoryFusion> readable_fusion(const Catalog& catalog) {
  try {
    return stored_category_fusion(catalog);
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

CategoryOpinions::CategoryOpinions(const Catalog& catalog, const SearchTable& table)
    : catalog_(catalog), table_(table), fusion_(readable_fusion(catalog)) {}

const std::vector<std::string>& CategoryOpinions::search_categories() const {
  if (!search_categories_) search_categories_ = searchable_categories(catalog_, table_);
  return *search_categories_;
}

std::shared_ptr<const CategoryPredictor> CategoryOpinions::predictor(
    std::span<const std::string> model_categories) const {
  const std::lock_guard lock(mutex_);
  auto& made = predictors_[model_categories.empty() ? 0 : 1];
  if (!made) {
    made = std::make_shared<CategoryPredictor>(fusion_.value_or(CategoryFusion{}), model_categories,
                                               search_categories());
  }
  return made;
}

CategoryOpinion CategoryOpinions::opinion(std::span<const float> model_probabilities,
                                          std::span<const std::string> model_categories,
                                          std::span<const CategoryNeighbor> votes) const {
  const bool has_model =
      !model_probabilities.empty() && model_probabilities.size() == model_categories.size();
  CategoryOpinion result;
  result.predictor = predictor(has_model ? model_categories : std::span<const std::string>());
  result.prediction =
      result.predictor->predict(has_model ? model_probabilities : std::span<const float>(), votes);
  if (!fusion_) {
    const bool model_speaks = has_model && result.predictor->has_common();
    result.prediction.fused = model_speaks ? result.prediction.model : result.prediction.search;
  }
  return result;
}

std::vector<PartitionId> CategoryOpinions::worth_searching(const CategoryOpinion& opinion,
                                                           double mass) const {
  if (!fusion_ || mass >= 1) return {};
  const CategoryPredictor& predictor = *opinion.predictor;
  std::size_t num_searchable = 0;
  for (std::size_t i = 0; i < predictor.names().size(); ++i)
    num_searchable += predictor.is_searchable(i) ? 1 : 0;
  const std::vector<std::size_t> chosen = fewest_categories(opinion.prediction.fused, mass);
  if (chosen.empty() || chosen.size() > num_searchable / 2) return {};
  std::vector<PartitionId> partitions;
  const std::vector<std::string>& known = catalog_.category_names();
  for (const std::size_t name : chosen) {
    if (!predictor.is_searchable(name)) return {};
    const auto place = std::find(known.begin(), known.end(), predictor.names()[name]);
    partitions.push_back(static_cast<PartitionId>(place - known.begin()));
  }
  const auto unnamed = std::find(known.begin(), known.end(), "");
  if (unnamed != known.end()) partitions.push_back(static_cast<PartitionId>(unnamed - known.begin()));
  std::sort(partitions.begin(), partitions.end());
  return partitions;
}

}  // namespace vitrine::engine

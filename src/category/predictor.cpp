// SPDX-License-Identifier: MIT
#include <algorithm>
#include <limits>
#include <unordered_map>
#include <utility>

#include "vitrine/category.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

constexpr std::size_t kNoName = std::numeric_limits<std::size_t>::max();

bool is_silent(std::span<const double> opinion) {
  return std::all_of(opinion.begin(), opinion.end(), [](double value) { return value <= 0; });
}

}  // namespace

CategoryPredictor::CategoryPredictor(CategoryFusion fusion, std::span<const std::string> model_categories,
                                     std::span<const std::string> search_categories)
    : fusion_(std::move(fusion)) {
  fusion_.validate();
  std::unordered_map<std::string_view, std::size_t> found;
  const auto add = [&](const std::string& name, Side side) {
    if (name.empty()) return kNoName;
    const auto [place, is_new] = found.emplace(name, names_.size());
    if (is_new) {
      names_.push_back(name);
      sides_.push_back(side);
    } else if (sides_[place->second] != side) {
      sides_[place->second] = Side::kBoth;
    }
    return place->second;
  };
  for (const std::string& name : model_categories) {
    const std::size_t before = names_.size();
    const std::size_t index = add(name, Side::kModel);
    name_of_model_.push_back(index == before ? index : kNoName);  // not twice
  }
  for (const std::string& name : search_categories) name_of_search_.push_back(add(name, Side::kSearch));
  has_common_ = std::count(sides_.begin(), sides_.end(), Side::kBoth) > 0;
  for (const std::string& name : names_) {
    const auto own = fusion_.category_alphas.find(name);
    alphas_.push_back(own == fusion_.category_alphas.end() ? fusion_.alpha : own->second);
  }
}

std::vector<double> CategoryPredictor::model_opinion(std::span<const float> model_probabilities,
                                                     double temperature) const {
  std::vector<double> opinion(names_.size());
  if (model_probabilities.empty()) return opinion;
  if (model_probabilities.size() != name_of_model_.size()) {
    throw Error(ErrorCode::kInvalidArgument, "cannot predict a category: expected probabilities of " +
                                                 std::to_string(name_of_model_.size()) +
                                                 " categories, found " +
                                                 std::to_string(model_probabilities.size()));
  }
  for (std::size_t i = 0; i < model_probabilities.size(); ++i) {
    const float probability = model_probabilities[i];
    if (name_of_model_[i] != kNoName && probability > 0) opinion[name_of_model_[i]] = probability;
  }
  return with_temperature(opinion, temperature);
}

std::vector<double> CategoryPredictor::search_opinion(std::span<const CategoryNeighbor> neighbors,
                                                      double lambda) const {
  std::vector<CategoryNeighbor> voters;
  for (const CategoryNeighbor& neighbor : neighbors) {
    if (voters.size() == fusion_.num_neighbors) break;
    if (neighbor.category_index >= name_of_search_.size()) {
      throw Error(ErrorCode::kInvalidArgument, "cannot predict a category: a neighbour has category number " +
                                                   std::to_string(neighbor.category_index) +
                                                   ", the search knows " +
                                                   std::to_string(name_of_search_.size()));
    }
    const std::size_t name = name_of_search_[neighbor.category_index];
    if (name != kNoName) voters.push_back({static_cast<std::uint32_t>(name), neighbor.cosine});
  }
  return vote_for_categories(voters, names_.size(), lambda);
}

std::vector<double> CategoryPredictor::fuse(std::span<const double> model, std::span<const double> search,
                                            std::span<const double> alphas) const {
  const bool model_is_silent = is_silent(model);
  if (is_silent(search)) return {model.begin(), model.end()};
  if (model_is_silent || !has_common_) return {search.begin(), search.end()};
  double model_only = 0;
  double search_only = 0;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (sides_[i] == Side::kModel) model_only += model[i];
    if (sides_[i] == Side::kSearch) search_only += search[i];
  }
  // What both know, the model alone, the search alone: each side rules out what it does not know.
  const double common_model = std::max(0.0, 1 - model_only);
  const double common_search = std::max(0.0, 1 - search_only);
  double weight_common = common_model * common_search;
  double weight_model = model_only * common_search;
  double weight_search = search_only * common_model;
  const double total = weight_common + weight_model + weight_search;
  constexpr double kContradiction = 1e-9;
  if (total < kContradiction) {
    // Each is certain of something that the other one does not know: half to each.
    weight_common = 0;
    weight_model = weight_search = 0.5;
  } else {
    weight_common /= total;
    weight_model /= total;
    weight_search /= total;
  }
  std::vector<double> fused(names_.size());
  double common = 0;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (sides_[i] != Side::kBoth || weight_common <= 0) continue;
    fused[i] = alphas[i] * model[i] / common_model + (1 - alphas[i]) * search[i] / common_search;
    common += fused[i];
  }
  for (std::size_t i = 0; i < names_.size(); ++i) {
    if (sides_[i] == Side::kBoth) fused[i] = common > 0 ? weight_common * fused[i] / common : 0;
    if (sides_[i] == Side::kModel && model_only > 0) fused[i] = weight_model * model[i] / model_only;
    if (sides_[i] == Side::kSearch && search_only > 0) fused[i] = weight_search * search[i] / search_only;
  }
  return fused;
}

CategoryPrediction CategoryPredictor::predict(std::span<const float> model_probabilities,
                                              std::span<const CategoryNeighbor> neighbors) const {
  CategoryPrediction prediction;
  prediction.model = model_opinion(model_probabilities, fusion_.model_temperature);
  prediction.search = search_opinion(neighbors, fusion_.lambda);
  prediction.fused =
      with_temperature(fuse(prediction.model, prediction.search, alphas_), fusion_.fused_temperature);
  return prediction;
}

}  // namespace vitrine

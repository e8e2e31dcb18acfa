// SPDX-License-Identifier: MIT
#include "training/triplet_pool.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace vitrine::training {
namespace {

// Position in the pool of every picture of the set; unset: it could not be read.
std::vector<std::optional<std::size_t>> places_in_pool(const TripletSet& set, const PicturePool& pool) {
  std::vector<std::optional<std::size_t>> places(set.pictures.size());
  for (std::size_t i = 0; i < pool.pictures.size(); ++i) places[pool.pictures[i].list_index] = i;
  return places;
}

std::vector<std::int64_t> number_products(const PicturePool& pool) {
  std::map<std::string, std::int64_t> numbers;
  std::vector<std::int64_t> result;
  for (const PooledPicture& picture : pool.pictures) {
    if (picture.product.empty()) {
      result.push_back(-1);
    } else {
      const auto next = static_cast<std::int64_t>(numbers.size());
      result.push_back(numbers.emplace(picture.product, next).first->second);
    }
  }
  return result;
}

}  // namespace

TripletPool pool_triplets(const TripletSet& set, const PicturePool& pool) {
  TripletPool result;
  result.product_numbers = number_products(pool);
  const auto places = places_in_pool(set, pool);
  std::map<std::pair<bool, std::size_t>, QueryTriplets> by_query;
  std::set<std::int64_t> products;
  for (const TrainingTriplet& triplet : set.triplets) {
    PooledTriplet pooled{0, {}, triplet.weight};
    for (const std::size_t negative : triplet.negatives) {
      if (places[negative]) pooled.negatives.push_back(*places[negative]);
    }
    if (!places[triplet.query] || !places[triplet.positive] || pooled.negatives.empty()) {
      ++result.figures.num_missing;
      continue;
    }
    pooled.positive = *places[triplet.positive];
    QueryTriplets& query = by_query[{triplet.held_out, *places[triplet.query]}];
    query.clicked_products.push_back(result.product_numbers[pooled.positive]);
    query.triplets.push_back(std::move(pooled));
    ++result.figures.num_triplets;
  }
  for (auto& [key, query] : by_query) {
    const auto& [held_out, place] = key;
    query.query = place;
    auto& clicked = query.clicked_products;
    std::sort(clicked.begin(), clicked.end());
    clicked.erase(std::unique(clicked.begin(), clicked.end()), clicked.end());
    if (!held_out) products.insert(clicked.begin(), clicked.end());
    (held_out ? result.validation : result.training).push_back(std::move(query));
  }
  result.figures.num_training_queries = result.training.size();
  result.figures.num_validation_queries = result.validation.size();
  result.figures.num_products = products.size();
  return result;
}

}  // namespace vitrine::training

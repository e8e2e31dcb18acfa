// SPDX-License-Identifier: MIT
#include "training/validation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "training/feature_extraction.h"
#include "training/validation_misses.h"

namespace vitrine::training {
namespace {

constexpr std::size_t kMaxQueries = 500;
constexpr std::size_t kMaxMisses = 24;
constexpr std::size_t kMaxGallery = 1500;
constexpr std::int64_t kNeighbors = 10;
constexpr std::size_t kMaxTripletQueries = 250;
constexpr std::size_t kMaxTriplets = 2;   // of a query
constexpr std::size_t kMaxNegatives = 4;  // of a triplet
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// What a pool is asked and what it is searched in; an even sample where there are many pictures.
struct ValidationSets {
  std::vector<std::size_t> queries;  // validation photos
  std::vector<std::size_t> shop;     // shop pictures
  std::vector<std::size_t> photos;   // training photos, or those of the labelled gallery
};

ValidationSets validation_sets(const PicturePool& pool, const TripletPool* triplets) {
  const Split gallery = triplets == nullptr ? Split::kTrain : Split::kGallery;
  return {select_pictures(pool, kMaxQueries,
                          [](const PooledPicture& p) {
                            return p.split == Split::kValidation &&
                                   (!p.product.empty() || p.category_index >= 0);
                          }),
          select_pictures(pool, kMaxGallery,
                          [&](const PooledPicture& p) {
                            return p.shop_picture && (triplets == nullptr || p.split == gallery);
                          }),
          select_pictures(pool, kMaxGallery,
                          [&](const PooledPicture& p) { return p.split == gallery && !p.shop_picture; })};
}

EmbeddedPictures embed(EmbeddingNetwork& network, const PicturePool& pool, int side_px,
                       std::vector<std::size_t> picture_indices) {
  EmbeddedPictures result{std::move(picture_indices), {}};
  if (!result.picture_indices.empty()) {
    result.features = extract_features(network, pool, result.picture_indices, side_px);
  }
  return result;
}

double category_accuracy(const PicturePool& pool, const EmbeddedPictures& queries,
                         const EmbeddedPictures& gallery) {
  if (queries.picture_indices.empty() || gallery.picture_indices.empty()) return kNothing;
  const auto k = std::min<std::int64_t>(kNeighbors, gallery.features.size(0));
  const auto [cosines, nearest] = torch::mm(queries.features, gallery.features.t()).topk(k, 1);
  std::size_t num_asked = 0;
  std::size_t num_right = 0;
  for (std::int64_t i = 0; i < nearest.size(0); ++i) {
    const std::int64_t label =
        pool.pictures[queries.picture_indices[static_cast<std::size_t>(i)]].category_index;
    if (label < 0) continue;
    std::map<std::int64_t, double> votes;
    for (std::int64_t j = 0; j < k; ++j) {
      const auto found = static_cast<std::size_t>(nearest[i][j].item<std::int64_t>());
      votes[pool.pictures[gallery.picture_indices[found]].category_index] += cosines[i][j].item<double>();
    }
    const auto best = std::max_element(votes.begin(), votes.end(),
                                       [](const auto& a, const auto& b) { return a.second < b.second; });
    ++num_asked;
    num_right += best->first == label ? 1 : 0;
  }
  return num_asked == 0 ? kNothing : static_cast<double>(num_right) / static_cast<double>(num_asked);
}

}  // namespace

std::vector<std::optional<bool>> found_at_one(const PicturePool& pool, const EmbeddedPictures& queries,
                                              const EmbeddedPictures& gallery) {
  std::vector<std::optional<bool>> found(queries.picture_indices.size());
  if (queries.picture_indices.empty() || gallery.picture_indices.empty()) return found;
  const torch::Tensor nearest = torch::mm(queries.features, gallery.features.t()).argmax(1);
  std::set<std::string> known;
  for (const std::size_t i : gallery.picture_indices) known.insert(pool.pictures[i].product);
  for (std::size_t i = 0; i < found.size(); ++i) {
    const std::string& product = pool.pictures[queries.picture_indices[i]].product;
    if (product.empty() || !known.contains(product)) continue;
    const auto place = static_cast<std::size_t>(nearest[static_cast<std::int64_t>(i)].item<std::int64_t>());
    found[i] = pool.pictures[gallery.picture_indices[place]].product == product;
  }
  return found;
}

double recall_at_one(const PicturePool& pool, const EmbeddedPictures& queries,
                     const EmbeddedPictures& gallery) {
  std::size_t num_asked = 0, num_right = 0;
  for (const std::optional<bool>& found : found_at_one(pool, queries, gallery)) {
    if (!found) continue;
    ++num_asked;
    num_right += *found ? 1 : 0;
  }
  return num_asked == 0 ? kNothing : static_cast<double>(num_right) / static_cast<double>(num_asked);
}

double triplet_accuracy(EmbeddingNetwork& network, const PicturePool& pool,
                        const std::vector<QueryTriplets>& queries, int side_px) {
  if (queries.empty()) return kNothing;
  const std::size_t num_queries = std::min(queries.size(), kMaxTripletQueries);
  const auto query_at = [&](std::size_t i) -> const QueryTriplets& {
    return queries[i * queries.size() / num_queries];
  };
  std::map<std::size_t, std::int64_t> rows;  // of the pictures that are needed
  const auto visit = [&](std::size_t i, const auto& on_pair) {
    const QueryTriplets& query = query_at(i);
    for (std::size_t t = 0; t < std::min(query.triplets.size(), kMaxTriplets); ++t) {
      const PooledTriplet& triplet = query.triplets[t];
      for (std::size_t n = 0; n < std::min(triplet.negatives.size(), kMaxNegatives); ++n)
        on_pair(query.query, triplet.positive, triplet.negatives[n]);
    }
  };
  for (std::size_t i = 0; i < num_queries; ++i) {
    visit(i, [&](std::size_t query, std::size_t positive, std::size_t negative) {
      for (const std::size_t picture : {query, positive, negative}) rows.emplace(picture, 0);
    });
  }
  std::vector<std::size_t> pictures;
  for (auto& [picture, row] : rows) {
    row = static_cast<std::int64_t>(pictures.size());
    pictures.push_back(picture);
  }
  const torch::Tensor features = extract_features(network, pool, pictures, side_px);
  const auto cosine = [&](std::size_t a, std::size_t b) {
    return torch::dot(features[rows.at(a)], features[rows.at(b)]).item<double>();
  };
  double sum = 0;
  for (std::size_t i = 0; i < num_queries; ++i) {
    std::size_t num_pairs = 0;
    std::size_t num_right = 0;
    visit(i, [&](std::size_t query, std::size_t positive, std::size_t negative) {
      ++num_pairs;
      num_right += cosine(query, positive) > cosine(query, negative) ? 1 : 0;
    });
    sum += static_cast<double>(num_right) / static_cast<double>(num_pairs);
  }
  return sum / static_cast<double>(num_queries);
}

ValidationFigures validate(EmbeddingNetwork& network, const PicturePool& pool, const TripletPool* triplets,
                           int side_px) {
  const ValidationSets sets = validation_sets(pool, triplets);
  const EmbeddedPictures queries = embed(network, pool, side_px, sets.queries);
  const EmbeddedPictures shop = embed(network, pool, side_px, sets.shop);
  const EmbeddedPictures photos = embed(network, pool, side_px, sets.photos);
  return {recall_at_one(pool, queries, shop), recall_at_one(pool, queries, photos),
          category_accuracy(pool, queries, photos),
          triplets == nullptr ? kNothing : triplet_accuracy(network, pool, triplets->validation, side_px),
          worst_misses(pool, queries, photos.picture_indices.empty() ? shop : photos, kMaxMisses)};
}

}  // namespace vitrine::training

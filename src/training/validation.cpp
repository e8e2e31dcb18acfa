// SPDX-License-Identifier: MIT
#include "training/validation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>

#include "training/feature_extraction.h"

namespace vitrine::training {
namespace {

constexpr std::size_t kMaxQueries = 500;
constexpr std::size_t kMaxGallery = 1500;
constexpr std::int64_t kNeighbors = 10;
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

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

double recall_at_one(const PicturePool& pool, const EmbeddedPictures& queries,
                     const EmbeddedPictures& gallery) {
  if (queries.picture_indices.empty() || gallery.picture_indices.empty()) return kNothing;
  const torch::Tensor nearest = torch::mm(queries.features, gallery.features.t()).argmax(1);
  std::set<std::string> known;
  for (const std::size_t i : gallery.picture_indices) known.insert(pool.pictures[i].product);
  std::size_t num_asked = 0;
  std::size_t num_right = 0;
  for (std::size_t i = 0; i < queries.picture_indices.size(); ++i) {
    const std::string& product = pool.pictures[queries.picture_indices[i]].product;
    if (product.empty() || !known.contains(product)) continue;
    const auto found = static_cast<std::size_t>(nearest[static_cast<std::int64_t>(i)].item<std::int64_t>());
    ++num_asked;
    num_right += pool.pictures[gallery.picture_indices[found]].product == product ? 1 : 0;
  }
  return num_asked == 0 ? kNothing : static_cast<double>(num_right) / static_cast<double>(num_asked);
}

ValidationSets validation_sets(const PicturePool& pool) {
  return {select_pictures(pool, kMaxQueries,
                          [](const PooledPicture& p) { return p.split == Split::kValidation; }),
          select_pictures(pool, kMaxGallery, [](const PooledPicture& p) { return p.shop_picture; }),
          select_pictures(pool, kMaxGallery, [](const PooledPicture& p) {
            return p.split == Split::kTrain && !p.shop_picture;
          })};
}

ValidationFigures validate(EmbeddingNetwork& network, const PicturePool& pool, int side_px) {
  const ValidationSets sets = validation_sets(pool);
  const EmbeddedPictures queries = embed(network, pool, side_px, sets.queries);
  const EmbeddedPictures shop = embed(network, pool, side_px, sets.shop);
  const EmbeddedPictures photos = embed(network, pool, side_px, sets.photos);
  return {recall_at_one(pool, queries, shop), recall_at_one(pool, queries, photos),
          category_accuracy(pool, queries, photos)};
}

}  // namespace vitrine::training

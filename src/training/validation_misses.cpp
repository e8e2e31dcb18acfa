// SPDX-License-Identifier: MIT
#include "training/validation_misses.h"

#include <algorithm>
#include <optional>

#include "training/feature_extraction.h"
#include "training/validation.h"

namespace vitrine::training {
namespace {

// Of one photo; nothing if the nearest picture is right, or no picture could be.
std::optional<ValidationMiss> miss_of(const PicturePool& pool, const PooledPicture& photo,
                                      const torch::Tensor& cosines, const std::vector<std::size_t>& gallery) {
  const PooledPicture* found = nullptr;
  const PooledPicture* right = nullptr;
  ValidationMiss miss;
  const auto row = cosines.accessor<float, 1>();
  for (std::size_t i = 0; i < gallery.size(); ++i) {
    const PooledPicture& picture = pool.pictures[gallery[i]];
    const double cosine = row[static_cast<std::int64_t>(i)];
    if (found == nullptr || cosine > miss.found_cosine) {
      found = &picture;
      miss.found_cosine = cosine;
    }
    if (picture.product == photo.product && (right == nullptr || cosine > miss.right_cosine)) {
      right = &picture;
      miss.right_cosine = cosine;
    }
  }
  if (photo.product.empty() || right == nullptr || found->product == photo.product) return std::nullopt;
  miss.photo = photo.path;
  miss.product = photo.product;
  miss.found = found->path;
  miss.found_product = found->product;
  miss.right = right->path;
  return miss;
}

}  // namespace

std::vector<ValidationMiss> worst_misses(EmbeddingNetwork& network, const PicturePool& pool,
                                         const TripletPool* triplets, int side_px, std::size_t limit) {
  const ValidationSets sets = validation_sets(pool, triplets);
  const std::vector<std::size_t>& gallery = sets.photos.empty() ? sets.shop : sets.photos;
  std::vector<ValidationMiss> misses;
  if (sets.queries.empty() || gallery.empty()) return misses;
  const torch::Tensor cosines = torch::mm(extract_features(network, pool, sets.queries, side_px),
                                          extract_features(network, pool, gallery, side_px).t());
  for (std::size_t i = 0; i < sets.queries.size(); ++i) {
    auto miss = miss_of(pool, pool.pictures[sets.queries[i]], cosines[static_cast<std::int64_t>(i)], gallery);
    if (miss) misses.push_back(std::move(*miss));
  }
  std::stable_sort(misses.begin(), misses.end(), [](const ValidationMiss& a, const ValidationMiss& b) {
    return a.found_cosine - a.right_cosine > b.found_cosine - b.right_cosine;
  });
  if (misses.size() > limit) misses.resize(limit);
  return misses;
}

}  // namespace vitrine::training

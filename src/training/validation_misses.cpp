// SPDX-License-Identifier: MIT
#include "training/validation_misses.h"

#include <algorithm>
#include <optional>

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

std::vector<ValidationMiss> worst_misses(const PicturePool& pool, const EmbeddedPictures& queries,
                                         const EmbeddedPictures& gallery, std::size_t limit) {
  std::vector<ValidationMiss> misses;
  if (queries.picture_indices.empty() || gallery.picture_indices.empty()) return misses;
  const torch::Tensor cosines = torch::mm(queries.features, gallery.features.t());
  for (std::size_t i = 0; i < queries.picture_indices.size(); ++i) {
    auto miss = miss_of(pool, pool.pictures[queries.picture_indices[i]],
                        cosines[static_cast<std::int64_t>(i)], gallery.picture_indices);
    if (miss) misses.push_back(std::move(*miss));
  }
  std::stable_sort(misses.begin(), misses.end(), [](const ValidationMiss& a, const ValidationMiss& b) {
    return a.found_cosine - a.right_cosine > b.found_cosine - b.right_cosine;
  });
  if (misses.size() > limit) misses.resize(limit);
  return misses;
}

}  // namespace vitrine::training

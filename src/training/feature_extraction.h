// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <functional>
#include <vector>

#include "training/embedding_network.h"
#include "training/picture_pool.h"

namespace vitrine::training {

/// Which part of a picture is looked at.
enum class View { kWhole, kDescribed /* see described_part */, kCenter /* PicturePool::center_view of it */ };

/// Calls `visit` with the input batch of the listed pictures, unaltered, some dozen at a time and in order.
void for_each_plain_batch(const PicturePool& pool, const std::vector<std::size_t>& picture_indices,
                          int side_px, View view, const std::function<void(const torch::Tensor&)>& visit);

/// Spatial averages `[n, Backbone::num_features]` of the listed pictures, of which there may be none.
torch::Tensor extract_averages(EmbeddingNetwork& network, const PicturePool& pool,
                               const std::vector<std::size_t>& picture_indices, int side_px,
                               View view = View::kDescribed);

/// L2-normalised features `[n, feature_dim]` of the listed pictures, of which there may be none.
torch::Tensor extract_features(EmbeddingNetwork& network, const PicturePool& pool,
                               const std::vector<std::size_t>& picture_indices, int side_px,
                               View view = View::kDescribed);

/// Indices of all pictures for which the predicate holds; at most `limit`, evenly spread over the pool.
std::vector<std::size_t> select_pictures(const PicturePool& pool, std::size_t limit,
                                         const std::function<bool(const PooledPicture&)>& predicate);

}  // namespace vitrine::training

// SPDX-License-Identifier: MIT
#pragma once
#include "training/embedding_network.h"
#include "training/picture_pool.h"

namespace vitrine::training {

/// Pictures of the pool with their features `[n, feature_dim]`.
struct EmbeddedPictures {
  std::vector<std::size_t> picture_indices;
  torch::Tensor features;
};

/// Identical Recall@1: the share of the queries whose product is in the gallery and whose nearest gallery
/// picture shows it; NaN if there is no such query.
double recall_at_one(const PicturePool& pool, const EmbeddedPictures& queries,
                     const EmbeddedPictures& gallery);

/// What a pool is asked and what it is searched in; an even sample where there are many pictures.
struct ValidationSets {
  std::vector<std::size_t> queries;  ///< validation photos
  std::vector<std::size_t> shop;     ///< shop pictures
  std::vector<std::size_t> photos;   ///< training photos
};
ValidationSets validation_sets(const PicturePool& pool);

/// Retrieval figures of a network on the pool's validation pictures; NaN where the pool has nothing to ask.
struct ValidationFigures {
  double recall_shop = 0;
  double recall_photos = 0;
  double category_by_ten = 0;
};

/// Searches validation photos among shop pictures and among training photos (Identical Recall@1), and lets
/// the ten nearest training pictures vote for a category; see validation_sets.
ValidationFigures validate(EmbeddingNetwork& network, const PicturePool& pool, int side_px);

}  // namespace vitrine::training

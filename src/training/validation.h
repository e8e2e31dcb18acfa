// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <vector>

#include "training/embedding_network.h"
#include "training/picture_pool.h"
#include "training/triplet_pool.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// Pictures of the pool with their features `[n, feature_dim]`.
struct EmbeddedPictures {
  std::vector<std::size_t> picture_indices;
  torch::Tensor features;
};

/// Of each query whether the nearest gallery picture shows its product; unset if no gallery picture does.
std::vector<std::optional<bool>> found_at_one(const PicturePool& pool, const EmbeddedPictures& queries,
                                              const EmbeddedPictures& gallery);

/// Identical Recall@1: the share of the queries whose product is in the gallery and whose nearest gallery
/// picture shows it; NaN if there is no such query.
double recall_at_one(const PicturePool& pool, const EmbeddedPictures& queries,
                     const EmbeddedPictures& gallery);

/// Retrieval figures of a network on the pool's validation pictures; NaN where the pool has nothing to ask.
struct ValidationFigures {
  double recall_shop = 0;
  double recall_photos = 0;
  double category_by_ten = 0;
  double triplet_accuracy = 0;         ///< see EpochFigures
  std::vector<ValidationMiss> misses;  ///< see TrainingReport
};

/// Searches validation photos among shop pictures and among training photos (Identical Recall@1), and lets
/// the ten nearest training pictures vote for a category; with triplets (null: none), in the labelled gallery
/// instead, and asks the triplets that are held out. Uses an even sample where there are many pictures.
ValidationFigures validate(EmbeddingNetwork& network, const PicturePool& pool, const TripletPool* triplets,
                           int side_px);

/// Of each query: share of its pairs (positive, negative) of which the positive is nearer to the photo. Mean
/// over the queries, of which an even sample is asked; NaN without any.
double triplet_accuracy(EmbeddingNetwork& network, const PicturePool& pool,
                        const std::vector<QueryTriplets>& queries, int side_px);

}  // namespace vitrine::training

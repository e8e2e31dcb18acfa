// SPDX-License-Identifier: MIT
#pragma once
#include "training/embedding_network.h"
#include "training/picture_pool.h"
#include "training/triplet_pool.h"

namespace vitrine::training {

/// Retrieval figures of a network on the pool's validation pictures; NaN where the pool has nothing to ask.
struct ValidationFigures {
  double recall_shop = 0;
  double recall_photos = 0;
  double category_by_ten = 0;
  double triplet_accuracy = 0;  ///< see EpochFigures
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

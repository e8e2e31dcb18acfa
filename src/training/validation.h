// SPDX-License-Identifier: MIT
#pragma once
#include "training/embedding_network.h"
#include "training/picture_pool.h"

namespace vitrine::training {

/// Retrieval figures of a network on the pool's validation pictures; NaN where the pool has nothing to ask.
struct ValidationFigures {
  double recall_shop = 0;
  double recall_photos = 0;
  double category_by_ten = 0;
};

/// Searches validation photos among shop pictures and among training photos (Identical Recall@1), and lets
/// the ten nearest training pictures vote for a category. Uses an even sample where there are many pictures.
ValidationFigures validate(EmbeddingNetwork& network, const PicturePool& pool, int side_px);

}  // namespace vitrine::training

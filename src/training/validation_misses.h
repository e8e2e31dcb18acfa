// SPDX-License-Identifier: MIT
#pragma once
#include <vector>

#include "training/embedding_network.h"
#include "training/picture_pool.h"
#include "training/triplet_pool.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// The validation photos that the network mistakes most, see TrainingReport::misses; at most `limit`. Asks
/// what `validate` asks.
std::vector<ValidationMiss> worst_misses(EmbeddingNetwork& network, const PicturePool& pool,
                                         const TripletPool* triplets, int side_px, std::size_t limit);

}  // namespace vitrine::training

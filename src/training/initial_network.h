// SPDX-License-Identifier: MIT
#pragma once
#include "training/embedding_network.h"
#include "training/picture_pool.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// The network that a run starts with: `options.init`, and if that is a bare backbone, a projection fitted to
/// what it says about the pool's training pictures.
EmbeddingNetwork initial_network(const PicturePool& pool, const TrainingOptions& options,
                                 const TrainingCallbacks& callbacks);

}  // namespace vitrine::training

// SPDX-License-Identifier: MIT
#pragma once
#include "training/embedding_network.h"
#include "training/picture_pool.h"
#include "vitrine/training.h"

namespace vitrine::training {

/// Whether options.init can be what the options make of it, before any picture is read. kInvalidArgument,
/// naming the file, if its backbone has fewer blocks or features than they ask for, or nothing that a
/// detection branch could start from; errors of SafetensorsFile::open and backbone_of.
void check_init(const TrainingOptions& options);

/// The network that a run starts with: `options.init`, and if that is a bare backbone, a projection fitted to
/// what it says about the pool's training pictures. It computes on `device`.
EmbeddingNetwork initial_network(const PicturePool& pool, const TrainingOptions& options,
                                 torch::Device device, const TrainingCallbacks& callbacks);

}  // namespace vitrine::training

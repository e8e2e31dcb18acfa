// SPDX-License-Identifier: MIT
#pragma once
/// The last steps from the network's output to an Embedding, in single precision.
#include <span>

#include "network/model_file.h"
#include "vitrine/embedder.h"

namespace vitrine::network {

/// `output` is the embedding layer's (or, without one, the average's) `[feature_dim]` before normalisation.
Embedding finish_embedding(const Model& model, std::span<const float> output);

}  // namespace vitrine::network

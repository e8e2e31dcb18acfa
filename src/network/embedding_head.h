// SPDX-License-Identifier: MIT
#pragma once
/// The last steps from the network's output to an Embedding, in single precision.
#include <span>

#include "network/model_file.h"
#include "vitrine/embedder.h"

namespace vitrine::network {

/// `output` is the embedding layer's (or, without one, the average's) `[feature_dim]` before normalisation.
Embedding finish_embedding(const Model& model, std::span<const float> output);

/// What two looks at a picture say together: the direction between their features, its code, the mean of the
/// probabilities; the box is the first one's.
Embedding mean_of(const Embedding& first, const Embedding& second);

}  // namespace vitrine::network

// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "training/embedding_network.h"

namespace vitrine::training {

/// Sets the network's projection to the best linear summary of `averages` `[n, 1280]`: the leading axes of
/// their second moments, each divided by its root mean square to the power `whitening`, then turned by a
/// random rotation, which spreads the variance over all dimensions. Nothing is centred, because the mean of
/// the pictures at hand is not the mean of pictures to come: without whitening, cosines are as close to those
/// of the averages themselves as `feature_dim` numbers can say. With fewer rows than dimensions the surplus
/// axes carry directions that no row has.
void fit_projection(EmbeddingNetwork& network, const torch::Tensor& averages, double whitening,
                    std::uint64_t seed);

}  // namespace vitrine::training

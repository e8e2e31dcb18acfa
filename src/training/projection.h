// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "training/embedding_network.h"

namespace vitrine::training {

/// Sets the network's projection to the best linear summary of `averages` `[n, m]`: centred, the leading
/// principal axes, each divided by its standard deviation to the power `whitening`, then turned by a random
/// rotation. Cosines of centred features tell pictures apart better than raw ones, and after the rotation
/// every dimension carries equal variance, so that signs make good bits (the start of ITQ, Gong and Lazebnik,
/// CVPR 2011). Needs more rows than one; with fewer rows than dimensions the surplus axes carry noise
/// directions of no variance.
void fit_projection(EmbeddingNetwork& network, const torch::Tensor& averages, double whitening,
                    std::uint64_t seed);

}  // namespace vitrine::training

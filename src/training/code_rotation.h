// SPDX-License-Identifier: MIT
#pragma once
#include "training/embedding_network.h"

namespace vitrine::training {

/// The orthogonal matrix R `[dim, dim]` for which the rows of `features` R `[n, dim]` lie closest to their
/// own signs, so that sign codes keep what cosines say: iterative quantisation (ITQ, Gong and Lazebnik, CVPR
/// 2011, section 3.2), started from the identity and without their centring, for our codes are signs of
/// uncentred features. The mean squared distance to the signs never rises from one iteration to the next.
/// Cost: O(n dim^2 + dim^3) an iteration.
torch::Tensor fit_code_rotation(const torch::Tensor& features, int num_iterations = 50);

/// Turns the features of the network by `rotation`: cosines stay as they are, signs change.
void rotate_features(EmbeddingNetwork& network, const torch::Tensor& rotation);

}  // namespace vitrine::training

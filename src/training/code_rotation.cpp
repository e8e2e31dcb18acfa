// SPDX-License-Identifier: MIT
#include "training/code_rotation.h"

namespace vitrine::training {

torch::Tensor fit_code_rotation(const torch::Tensor& features, int num_iterations) {
  torch::NoGradGuard no_gradient;
  torch::Tensor rotation = torch::eye(features.size(1));
  for (int i = 0; i < num_iterations; ++i) {
    // Procrustes: the rotation that brings the features closest to the codes they have now.
    const torch::Tensor codes = torch::where(torch::mm(features, rotation) > 0, 1.0F, -1.0F);
    const auto [left, values, right] =
        torch::linalg_svd(torch::mm(features.t(), codes), /*full_matrices=*/false);
    rotation = torch::mm(left, right);
  }
  return rotation;
}

void rotate_features(EmbeddingNetwork& network, const torch::Tensor& rotation) {
  torch::NoGradGuard no_gradient;
  const torch::Tensor transposed = rotation.t().to(network->device());
  network->projection_weight().copy_(torch::mm(transposed, network->projection_weight()));
  network->projection_bias().copy_(torch::mv(transposed, network->projection_bias()));
}

}  // namespace vitrine::training

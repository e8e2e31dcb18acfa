// SPDX-License-Identifier: MIT
#include "training/projection.h"

#include <ATen/CPUGeneratorImpl.h>

namespace vitrine::training {

void fit_projection(EmbeddingNetwork& network, const torch::Tensor& averages, double whitening,
                    std::uint64_t seed) {
  torch::NoGradGuard no_gradient;
  const std::int64_t dim = network->projection_weight().size(0);
  const torch::Tensor samples = averages.to(torch::kFloat64);
  const torch::Tensor mean = samples.mean(0);
  const torch::Tensor centred = samples - mean;
  const torch::Tensor covariance = torch::mm(centred.t(), centred) / static_cast<double>(samples.size(0));
  auto [values, vectors] = torch::linalg_eigh(covariance);  // ascending
  const std::int64_t first = values.size(0) - dim;
  const torch::Tensor axes = vectors.slice(1, first).t();  // [dim, averages]
  // The floor keeps directions without variance from being blown up.
  const torch::Tensor variances = values.slice(0, first).clamp_min(values[-1].item<double>() * 1e-4);
  const torch::Tensor scaled = axes * variances.pow(-0.5 * whitening).unsqueeze(1);

  auto generator = at::make_generator<at::CPUGeneratorImpl>(seed);
  const torch::Tensor gaussian = torch::randn({dim, dim}, generator, torch::kFloat64);
  const torch::Tensor rotation = std::get<0>(torch::linalg_qr(gaussian));
  const torch::Tensor weight = torch::mm(rotation, scaled);
  // Overall size of the features before normalisation about 1, so that learning rates mean the same for any
  // backbone.
  const torch::Tensor projected = torch::mm(centred, weight.t());
  const double size = projected.norm(2, 1).mean().item<double>();
  network->projection_weight().copy_(weight / size);
  network->projection_bias().copy_(-torch::mv(weight, mean) / size);
}

}  // namespace vitrine::training

// SPDX-License-Identifier: MIT
#include "training/losses.h"

#include <cmath>

namespace vitrine::training {

namespace F = torch::nn::functional;

torch::Tensor cosine_margin_loss(const torch::Tensor& features, const torch::Tensor& class_weights,
                                 const torch::Tensor& labels, double margin, double scale) {
  const torch::Tensor rows = torch::nonzero(labels >= 0).squeeze(1);
  if (rows.numel() == 0) return features.sum() * 0;
  const torch::Tensor targets = labels.index_select(0, rows);
  const torch::Tensor directions = F::normalize(class_weights, F::NormalizeFuncOptions().p(2).dim(1));
  const torch::Tensor cosines = torch::mm(features.index_select(0, rows), directions.t());
  const torch::Tensor offsets = F::one_hot(targets, class_weights.size(0)).to(cosines.dtype()) * margin;
  return F::cross_entropy((cosines - offsets) * scale, targets);
}

torch::Tensor retention_loss(const torch::Tensor& features, const torch::Tensor& initial_features) {
  return (1 - (features * initial_features).sum(1)).mean();
}

torch::Tensor relation_loss(const torch::Tensor& features, const torch::Tensor& initial_features) {
  const torch::Tensor now = torch::mm(features, features.t());
  const torch::Tensor before = torch::mm(initial_features, initial_features.t());
  const double num_pairs = static_cast<double>(features.size(0)) * static_cast<double>(features.size(0) - 1);
  return (now - before).square().sum() / num_pairs;  // the diagonal is 0
}

torch::Tensor quantization_loss(const torch::Tensor& features) {
  return (1 - features.abs().sum(1) / std::sqrt(static_cast<double>(features.size(1)))).mean();
}

}  // namespace vitrine::training

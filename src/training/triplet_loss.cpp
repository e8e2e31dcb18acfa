// SPDX-License-Identifier: MIT
#include "training/triplet_loss.h"

namespace vitrine::training {

torch::Tensor triplet_loss(const torch::Tensor& features, const TripletRows& rows, double margin,
                           bool query_mean) {
  const torch::Tensor queries = features.index_select(0, rows.queries);
  const torch::Tensor to_positives = (queries * features.index_select(0, rows.positives)).sum(1, true);
  const torch::Tensor to_negatives = torch::mm(queries, features.index_select(0, rows.negatives).t());
  // ||a - b||^2 = 2 - 2 <a, b> for unit vectors.
  const torch::Tensor compared = rows.compared.to(features.dtype());
  const torch::Tensor hinges = torch::relu(2 * (to_negatives - to_positives) + margin) * compared;
  const torch::Tensor weights = rows.weights.to(features.dtype());
  const torch::Tensor sums = weights * hinges.sum(1);      // [t]
  const torch::Tensor counts = weights * compared.sum(1);  // [t]
  if (counts.sum().item<double>() <= 0) return features.sum() * 0;
  if (!query_mean) return sums.sum() / counts.sum();

  const auto by_query = [&](const torch::Tensor& values) {  // [t] -> [n]; rows that are no query stay 0
    return torch::zeros({features.size(0)}, features.options()).index_add(0, rows.queries, values);
  };
  const torch::Tensor speaks = (counts > 0).to(features.dtype());
  const torch::Tensor query_counts = by_query(counts);
  const torch::Tensor asked = torch::nonzero(query_counts > 0).squeeze(1);
  const torch::Tensor means = by_query(sums).index_select(0, asked) / query_counts.index_select(0, asked);
  const torch::Tensor query_weights =
      by_query(weights * speaks).index_select(0, asked) / by_query(speaks).index_select(0, asked);
  return (query_weights * means).sum() / query_weights.sum();
}

}  // namespace vitrine::training

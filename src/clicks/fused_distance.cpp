// SPDX-License-Identifier: MIT
#include "clicks/fused_distance.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace vitrine::clicks {
namespace {

constexpr double kLeastDeviation = 1e-6;  // of a feature that says the same about every pair

struct Spread {
  double mean = 0;
  double variance = 0;
};

/// Of value(pair) over the pairs.
template <typename Value>
Spread spread_of(std::span<const RawDistances> pairs, const Value& value) {
  if (pairs.empty()) return {};
  Spread spread;
  for (const RawDistances& pair : pairs) spread.mean += value(pair);
  spread.mean /= static_cast<double>(pairs.size());
  for (const RawDistances& pair : pairs) spread.variance += std::pow(value(pair) - spread.mean, 2);
  spread.variance /= static_cast<double>(pairs.size());
  return spread;
}

double deviation(const Spread& spread) {
  return std::max(std::sqrt(spread.variance), kLeastDeviation);
}

}  // namespace

FusedDistance::FusedDistance(std::size_t num_features, const RandomPairs& random_pairs)
    : weights_(num_features, 1.0 / static_cast<double>(num_features)) {
  for (std::size_t kind = 0; kind < kNumPairKinds; ++kind) {
    for (std::size_t f = 0; f < num_features; ++f) {
      const Spread spread = spread_of(random_pairs[kind], [f](const RawDistances& raw) { return raw[f]; });
      feature_scales_[kind][f] = {spread.mean, deviation(spread)};
    }
  }
  fit_final_scale(random_pairs);
}

void FusedDistance::fit_weights(std::span<const RawDistances> clicked,
                                std::span<const RawDistances> passed_over, const RandomPairs& random_pairs) {
  std::vector<double> separations;
  for (std::size_t f = 0; f < weights_.size(); ++f) {
    const auto value = [&](const RawDistances& raw) { return standardised(PairKind::kPhotoItem, f, raw); };
    const Spread near = spread_of(clicked, value);
    const Spread far = spread_of(passed_over, value);
    const double within = std::max((near.variance + far.variance) / 2, kLeastDeviation);
    separations.push_back(std::max(far.mean - near.mean, 0.0) / within);
  }
  const double sum = std::accumulate(separations.begin(), separations.end(), 0.0);
  if (sum <= 0) return;
  for (std::size_t f = 0; f < weights_.size(); ++f) weights_[f] = separations[f] / sum;
  fit_final_scale(random_pairs);
}

void FusedDistance::fit_final_scale(const RandomPairs& random_pairs) {
  for (std::size_t kind = 0; kind < kNumPairKinds; ++kind) {
    const Spread spread = spread_of(random_pairs[kind], [&](const RawDistances& raw) {
      return weighted_mean(static_cast<PairKind>(kind), raw);
    });
    final_scales_[kind] = {spread.mean, deviation(spread)};
  }
}

double FusedDistance::operator()(PairKind kind, const RawDistances& raw) const {
  const Scale& scale = final_scales_[static_cast<std::size_t>(kind)];
  return (weighted_mean(kind, raw) - scale.mean) / scale.deviation;
}

double FusedDistance::weighted_mean(PairKind kind, const RawDistances& raw) const {
  double sum = 0;
  for (std::size_t f = 0; f < weights_.size(); ++f) sum += weights_[f] * standardised(kind, f, raw);
  return sum;
}

double FusedDistance::standardised(PairKind kind, std::size_t feature, const RawDistances& raw) const {
  const Scale& scale = feature_scales_[static_cast<std::size_t>(kind)][feature];
  return (raw[feature] - scale.mean) / scale.deviation;
}

}  // namespace vitrine::clicks

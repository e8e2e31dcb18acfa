// SPDX-License-Identifier: MIT
#pragma once
/// Walking through decision trees, and their leaves as inputs of a logistic regression.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vitrine/quality_ranker.h"

namespace vitrine::rank {

/// The leaf that features lead to. `visit(node, child)` sees every step.
template <typename Visit>
std::uint32_t descend(const RankerTree& tree, std::span<const float> features, const Visit& visit) {
  std::uint32_t place = 0;
  while (tree[place].feature != RankerNode::kLeaf) {
    const RankerNode& node = tree[place];
    const float value = features[static_cast<std::size_t>(node.feature)];
    const bool below = std::isnan(value) ? node.missing_below : value < node.threshold;
    place = below ? node.below : node.at_least;
    visit(node, tree[place]);
  }
  return place;
}

/// What the regression is fitted to.
struct LeafSamples {
  std::span<const float> features;  ///< `[samples, num_features]`, row-major; NaN: missing
  std::size_t num_features = 0;
  std::span<const float> labels;   ///< 0 or 1
  std::span<const float> weights;  ///< at least 0

  std::size_t size() const { return labels.size(); }
  std::span<const float> row(std::size_t i) const { return features.subspan(i * num_features, num_features); }
};

/// Puts new values into the trees' leaves, and means over the samples into their inner nodes: the maximum of
/// the likelihood of a logistic regression over indicators of the leaves, with the penalty
/// ridge / 2 x |values - those that are there|^2 (not on the bias, which is returned): where few samples
/// tell, the trees' own values stay. Newton's method on the leaves of one tree after the other: they exclude
/// each other, so that their part of the Hessian is diagonal. Cost: some 20 passes over samples x trees.
double fit_leaf_values(const LeafSamples& samples, double ridge, std::vector<RankerTree>& trees);

/// Minus the log likelihood of one label.
double log_loss_of(double label, double log_odds);

/// Weighted mean of minus the log likelihood.
double log_loss(const LeafSamples& samples, std::span<const RankerTree> trees, double bias);

/// What visual features and columns add to the log odds of one sample; see RankerJudgement.
std::vector<double> contributions(std::span<const float> features, std::span<const RankerTree> trees);

/// Log odds of one sample.
double log_odds(std::span<const float> features, std::span<const RankerTree> trees, double bias);

}  // namespace vitrine::rank

// SPDX-License-Identifier: MIT
#include "rank/ranker_tree.h"

#include <algorithm>

#include "rank/ranker_features.h"

namespace vitrine::rank {
namespace {

constexpr int kMaxPasses = 20;
// Passes end when no value moves by more than this.
constexpr double kSmallStep = 1e-4;
// A Newton step from far away may overshoot; log odds move by at most this.
constexpr double kLargestStep = 1;

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

/// Derivatives of minus the log likelihood by one parameter.
struct Derivatives {
  double first = 0;
  double second = 0;

  void add(double weight, double label, double log_odds) {
    const double p = logistic(log_odds);
    first += weight * (p - label);
    second += weight * p * (1 - p);
  }
  /// `distance`: of the parameter from where the ridge draws it.
  double step(double ridge, double distance) const {
    const double curvature = second + ridge;
    if (curvature <= 0) return 0;
    return std::clamp(-(first + ridge * distance) / curvature, -kLargestStep, kLargestStep);
  }
};

class LeafRegression {
 public:
  LeafRegression(const LeafSamples& samples, double ridge, std::vector<RankerTree>& trees)
      : samples_(samples), ridge_(ridge), trees_(trees), log_odds_(samples.size()) {
    for (const RankerTree& tree : trees) {
      std::vector<std::uint32_t>& leaves = leaves_.emplace_back(samples.size());
      moved_.emplace_back(tree.size());
      for (std::size_t i = 0; i < samples.size(); ++i) {
        leaves[i] = descend(tree, samples.row(i), [](const RankerNode&, const RankerNode&) {});
        log_odds_[i] += tree[leaves[i]].value;
      }
    }
  }

  double run() {
    for (int pass = 0; pass < kMaxPasses; ++pass) {
      double largest = move_bias();
      for (std::size_t tree = 0; tree < trees_.size(); ++tree) largest = std::max(largest, move_leaves(tree));
      if (largest < kSmallStep) break;
    }
    for (std::size_t tree = 0; tree < trees_.size(); ++tree) fill_inner_nodes(tree);
    return bias_;
  }

 private:
  double move_bias() {
    Derivatives sum;
    for (std::size_t i = 0; i < samples_.size(); ++i)
      sum.add(samples_.weights[i], samples_.labels[i], log_odds_[i]);
    const double step = sum.step(0, 0);
    bias_ += step;
    for (double& value : log_odds_) value += step;
    return std::abs(step);
  }

  double move_leaves(std::size_t tree_index) {
    RankerTree& tree = trees_[tree_index];
    const std::vector<std::uint32_t>& leaves = leaves_[tree_index];
    std::vector<Derivatives> sums(tree.size());
    for (std::size_t i = 0; i < leaves.size(); ++i)
      sums[leaves[i]].add(samples_.weights[i], samples_.labels[i], log_odds_[i]);
    std::vector<double> steps(tree.size());
    double largest = 0;
    for (std::size_t node = 0; node < tree.size(); ++node) {
      if (tree[node].feature != RankerNode::kLeaf) continue;
      steps[node] = sums[node].step(ridge_, moved_[tree_index][node]);
      moved_[tree_index][node] += steps[node];
      tree[node].value += steps[node];
      largest = std::max(largest, std::abs(steps[node]));
    }
    for (std::size_t i = 0; i < leaves.size(); ++i) log_odds_[i] += steps[leaves[i]];
    return largest;
  }

  // From the last node to the first one, since children come behind their parents.
  void fill_inner_nodes(std::size_t tree_index) {
    RankerTree& tree = trees_[tree_index];
    std::vector<double> reached(tree.size());
    for (std::size_t i = 0; i < samples_.size(); ++i) reached[leaves_[tree_index][i]] += samples_.weights[i];
    for (std::size_t node = tree.size(); node-- > 0;) {
      RankerNode& parent = tree[node];
      if (parent.feature == RankerNode::kLeaf) continue;
      const double below = reached[parent.below], at_least = reached[parent.at_least];
      reached[node] = below + at_least;
      const double share = reached[node] > 0 ? below / reached[node] : 0.5;
      parent.value = share * tree[parent.below].value + (1 - share) * tree[parent.at_least].value;
    }
  }

  const LeafSamples& samples_;
  double ridge_;
  std::vector<RankerTree>& trees_;
  double bias_ = 0;
  std::vector<double> log_odds_;
  std::vector<std::vector<std::uint32_t>> leaves_;  // [trees][samples]
  std::vector<std::vector<double>> moved_;          // [trees][nodes]: from the values that were there
};

}  // namespace

double fit_leaf_values(const LeafSamples& samples, double ridge, std::vector<RankerTree>& trees) {
  return LeafRegression(samples, ridge, trees).run();
}

std::vector<double> contributions(std::span<const float> features, std::span<const RankerTree> trees) {
  std::vector<double> sums(source_of(features.size() - 1) + 1);
  for (const RankerTree& tree : trees) {
    descend(tree, features, [&](const RankerNode& parent, const RankerNode& child) {
      sums[source_of(static_cast<std::size_t>(parent.feature))] += child.value - parent.value;
    });
  }
  return sums;
}

double log_odds(std::span<const float> features, std::span<const RankerTree> trees, double bias) {
  double sum = bias;
  for (const RankerTree& tree : trees)
    sum += tree[descend(tree, features, [](const RankerNode&, const RankerNode&) {})].value;
  return sum;
}

double log_loss_of(double label, double log_odds) {
  return std::max(log_odds, 0.0) - label * log_odds + std::log1p(std::exp(-std::abs(log_odds)));
}

double log_loss(const LeafSamples& samples, std::span<const RankerTree> trees, double bias) {
  double loss = 0;
  double total = 0;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    loss += samples.weights[i] * log_loss_of(samples.labels[i], log_odds(samples.row(i), trees, bias));
    total += samples.weights[i];
  }
  return total > 0 ? loss / total : 0;
}

}  // namespace vitrine::rank

// SPDX-License-Identifier: MIT
#pragma once
/// Gradient boosted trees for a yes or no, grown by XGBoost (Chen and Guestrin, KDD 2016). The only place
/// that knows that library.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "rank/ranker_tree.h"

namespace vitrine::ranker {

struct BoostingOptions {
  std::size_t max_trees = 200;
  std::size_t max_depth = 4;
  double learning_rate = 0.1;
  /// Ends when so many trees more have not lowered the loss on the held-back samples.
  std::size_t patience = 15;
  std::uint64_t seed = 1;
};

struct BoostedTrees {
  std::vector<RankerTree> trees;  ///< up to the one with the lowest loss on the held-back samples
  std::vector<double> held_back;  ///< that loss after each tree that was grown
};

/// Log odds are the sum of the leaves that a sample falls into; those of no tree are 0. `on_tree(num_trees,
/// held_back_loss)` returning false ends the growth. One thread, so that equal arguments give equal trees.
/// ErrorCode::kInternal with XGBoost's own words if it fails.
BoostedTrees grow_trees(const rank::LeafSamples& samples, const rank::LeafSamples& held_back,
                        const BoostingOptions& options,
                        const std::function<bool(std::size_t num_trees, double held_back_loss)>& on_tree);

}  // namespace vitrine::ranker

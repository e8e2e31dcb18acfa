// SPDX-License-Identifier: MIT
#include "ranker/boosted_trees.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <random>

using namespace vitrine;

namespace {

struct Data {
  std::vector<float> features, labels, weights;
  rank::LeafSamples view() const { return {features, 2, labels, weights}; }
};

/// Right where both features lie on the same side of 0.5; a tenth of the first ones is missing, and these are
/// right.
Data same_side(std::size_t count, std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto uniform = [&] { return static_cast<float>(random() % 10000) / 10000; };
  Data data;
  for (std::size_t i = 0; i < count; ++i) {
    const float a = i % 10 == 0 ? std::nanf("") : uniform();
    const float b = uniform();
    data.features.insert(data.features.end(), {a, b});
    data.labels.push_back(std::isnan(a) || (a < 0.5F) == (b < 0.5F) ? 1.0F : 0.0F);
    data.weights.push_back(1);
  }
  return data;
}

constexpr auto kGoOn = [](std::size_t, double) { return true; };

}  // namespace

TEST_CASE("trees find what no single feature tells, missing values included") {
  const Data training = same_side(4000, 1), judging = same_side(1000, 2);
  const ranker::BoostedTrees grown = ranker::grow_trees(training.view(), judging.view(), {}, kGoOn);
  std::size_t num_right = 0;
  for (std::size_t i = 0; i < judging.labels.size(); ++i)
    num_right += (rank::log_odds(judging.view().row(i), grown.trees, 0) > 0) == (judging.labels[i] > 0);
  CHECK(num_right > 970);
}

TEST_CASE("growth ends where the samples held back gain no more") {
  const Data training = same_side(300, 1);
  Data noise = same_side(300, 2);
  std::mt19937 random(3);
  for (float& label : noise.labels) label = static_cast<float>(random() % 2);
  const ranker::BoostingOptions options{.max_trees = 150, .patience = 5};
  const ranker::BoostedTrees grown = ranker::grow_trees(training.view(), noise.view(), options, kGoOn);
  CHECK(grown.held_back.size() <= grown.trees.size() + 5);
  CHECK(grown.held_back.size() < 150);
  const ranker::BoostedTrees stopped = ranker::grow_trees(training.view(), training.view(), options,
                                                          [](std::size_t n, double) { return n < 3; });
  CHECK(stopped.trees.size() == 3);
}

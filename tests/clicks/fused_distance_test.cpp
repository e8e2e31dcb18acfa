// SPDX-License-Identifier: MIT
#include "clicks/fused_distance.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace vitrine::clicks {
namespace {

// Mean 0.5, deviation 0.1 in the first feature; 0.3 and 0.2 in the second; uncorrelated.
const std::vector<RawDistances> kPairs = {{0.4F, 0.1F}, {0.6F, 0.1F}, {0.4F, 0.5F}, {0.6F, 0.5F}};
const RandomPairs kRandom = {kPairs, kPairs};

}  // namespace

TEST_CASE("random pairs have mean 0 and deviation 1") {
  const FusedDistance distance(2, kRandom);
  double sum = 0, squares = 0;
  for (const RawDistances& pair : kPairs) {
    sum += distance(PairKind::kPhotoItem, pair);
    squares += std::pow(distance(PairKind::kPhotoItem, pair), 2);
  }
  CHECK(sum == Approx(0).margin(1e-5));
  CHECK(squares / 4 == Approx(1));
  // Each feature 2 deviations below its mean: -2 on average, over the deviation 1/sqrt(2) of that average.
  CHECK(distance(PairKind::kPhotoItem, {0.3F, -0.1F}) == Approx(-2 * std::sqrt(2)).margin(1e-4));
}

TEST_CASE("a feature that separates clicks from non-clicks weighs more; one that does not, nothing") {
  FusedDistance distance(2, kRandom);
  const std::vector<RawDistances> clicked = {{0.20F, 0.3F}, {0.30F, 0.4F}};
  const std::vector<RawDistances> passed_over = {{0.60F, 0.4F}, {0.70F, 0.3F}};
  distance.fit_weights(clicked, passed_over, kRandom);
  CHECK(distance.weights()[0] == Approx(1));
  CHECK(distance.weights()[1] == Approx(0).margin(1e-9));
  CHECK(distance(PairKind::kItemItem, {0.3F, 9.0F}) == Approx(-2).margin(1e-4));
}

TEST_CASE("if no feature separates, weights stay equal") {
  FusedDistance distance(2, kRandom);
  distance.fit_weights(kPairs, kPairs, kRandom);
  CHECK(distance.weights()[0] == 0.5);
  CHECK(distance.weights()[1] == 0.5);
}

TEST_CASE("a feature that says the same about every pair does no harm") {
  const std::vector<RawDistances> constant(4, {0.5F, 0.5F});
  const FusedDistance distance(2, {constant, constant});
  CHECK(std::isfinite(distance(PairKind::kPhotoItem, {0.5F, 0.5F})));
}

}  // namespace vitrine::clicks

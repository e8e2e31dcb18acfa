// SPDX-License-Identifier: MIT
#include "vitrine/product_score_calibration.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "vitrine/error.h"

using namespace vitrine;

namespace {

std::vector<ScoredPair> pairs_of(const ScoreCalibration& truth, std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<ScoredPair> pairs;
  for (std::size_t i = 0; i < count; ++i) {
    const double cosine = uniform(random);
    pairs.push_back({cosine, uniform(random) < truth.probability(cosine), i});
  }
  return pairs;
}

}  // namespace

TEST_CASE("the first product and those behind it get probabilities of their own") {
  const ScoreCalibration first(2, 1, 1, 0);
  const ScoreCalibration behind(3, 1, -3, 0);
  const ProductScoreCalibrationFit fit =
      fit_product_score_calibration(pairs_of(first, 20000, 1), pairs_of(behind, 20000, 2));
  CHECK(fit.first.held_back.size() == 20000);
  const ProductScoreCalibration found = fit.calibration();
  for (double cosine = 0.1; cosine < 1; cosine += 0.1) {
    CHECK(found.first.probability(cosine) == Approx(first.probability(cosine)).margin(0.03));
    CHECK(found.behind.probability(cosine) == Approx(behind.probability(cosine)).margin(0.03));
  }
}

TEST_CASE("products that are all right, or all wrong, follow the rule of succession") {
  std::vector<ScoredPair> right, wrong;
  for (std::size_t i = 0; i < 98; ++i) {
    right.push_back({0.9, true, i});
    wrong.push_back({0.5, false, i});
  }
  const ProductScoreCalibrationFit fit = fit_product_score_calibration(right, wrong);
  for (const double cosine : {0.0, 0.4, 1.0}) {
    CHECK(fit.calibration().first.probability(cosine) == Approx(0.99));
    CHECK(fit.calibration().behind.probability(cosine) == Approx(0.01));
  }
  for (const double probability : fit.first.held_back) CHECK(probability == Approx(0.99).margin(0.01));
  const ProductScoreCalibration none = fit_product_score_calibration({}, {}).calibration();
  CHECK(none.first.probability(0.9) == 0.5);
  const std::vector<ScoredPair> odd{{std::numeric_limits<double>::infinity(), true, 0}};
  CHECK_THROWS_WITH(fit_product_score_calibration({}, odd), Catch::Contains("not finite"));
}

TEST_CASE("a calibration of products survives as bytes, and damage is found") {
  const ProductScoreCalibration calibration{{1.5, 0.25, -3, 7}, {2, 1, -5, 70}};
  const std::vector<std::byte> bytes = calibration.to_bytes();
  REQUIRE(bytes.size() == 128);
  const ProductScoreCalibration again = ProductScoreCalibration::from_bytes(bytes);
  CHECK(again.first.to_bytes() == calibration.first.to_bytes());
  CHECK(again.behind.to_bytes() == calibration.behind.to_bytes());
  for (std::size_t length = 0; length < bytes.size(); ++length)
    CHECK_THROWS_AS(ProductScoreCalibration::from_bytes(std::span(bytes).first(length)), Error);
  std::vector<std::byte> longer = bytes;
  longer.emplace_back();
  CHECK_THROWS_AS(ProductScoreCalibration::from_bytes(longer), Error);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::vector<std::byte> damaged = bytes;
    damaged[i] ^= std::byte{1};
    CHECK_THROWS_AS(ProductScoreCalibration::from_bytes(damaged), Error);
  }
}

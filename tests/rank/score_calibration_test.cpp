// SPDX-License-Identifier: MIT
#include "vitrine/score_calibration.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "vitrine/error.h"

using namespace vitrine;

namespace {

/// Pairs that are the same with the probability that `truth` says.
std::vector<ScoredPair> pairs_of(const ScoreCalibration& truth, std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::vector<ScoredPair> pairs;
  for (std::size_t i = 0; i < count; ++i) {
    const double cosine = uniform(random);
    pairs.push_back({cosine, uniform(random) < truth.probability(cosine), i / 10});
  }
  return pairs;
}

ErrorCode code_of_reading(std::vector<std::byte> bytes) {
  try {
    ScoreCalibration::from_bytes(bytes);
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("expected an error");
  return ErrorCode::kInternal;
}

}  // namespace

TEST_CASE("the probability is the formula's") {
  const ScoreCalibration calibration(2, 3, -1, 7);
  const double s = 0.6;
  CHECK(calibration.probability(s) ==
        Approx(1 / (1 + std::exp(-(2 * std::log(s) - 3 * std::log(1 - s) - 1)))));
  CHECK(ScoreCalibration().probability(0.3) == Approx(0.3));
  CHECK(calibration.probability(-0.5) == calibration.probability(0));
  CHECK(calibration.probability(1.2) == calibration.probability(1));
  CHECK(std::isnan(calibration.probability(std::nan(""))));
  CHECK_THROWS_AS(ScoreCalibration(-1, 1, 0, 1), Error);
  CHECK_THROWS_AS(ScoreCalibration(1, 1, std::numeric_limits<double>::infinity(), 1), Error);
}

TEST_CASE("a fit finds the probabilities that made the pairs") {
  const ScoreCalibration truth = GENERATE(ScoreCalibration(1, 1, 0, 0), ScoreCalibration(4, 2, -1, 0),
                                          ScoreCalibration(0, 3, -4, 0), ScoreCalibration(6, 0, 1, 0));
  const auto pairs = pairs_of(truth, 20000, 5);
  const ScoreCalibrationFit fit = fit_score_calibration(pairs);
  CHECK(fit.calibration.num_pairs() == pairs.size());
  for (double cosine = 0.05; cosine < 1; cosine += 0.05) {
    CHECK(fit.calibration.probability(cosine) == Approx(truth.probability(cosine)).margin(0.03));
    CHECK(fit.calibration.probability(cosine) >= fit.calibration.probability(cosine - 0.05));
  }
  REQUIRE(fit.held_back.size() == pairs.size());
  double mean_error = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i)
    mean_error += std::abs(fit.held_back[i] - truth.probability(pairs[i].cosine)) / 20000;
  CHECK(mean_error < 0.03);
}

TEST_CASE("scores that fall where products are the same are not turned round") {
  std::vector<ScoredPair> pairs;
  for (std::size_t i = 0; i < 200; ++i) pairs.push_back({i % 2 == 0 ? 0.2 : 0.8, i % 2 == 0, i});
  const ScoreCalibration calibration = fit_score_calibration(pairs).calibration;
  CHECK(calibration.probability(0.9) == Approx(calibration.probability(0.1)).margin(0.01));
  CHECK(calibration.probability(0.5) == Approx(0.5).margin(0.02));
}

TEST_CASE("pairs that can be told apart without error give finite numbers") {
  std::vector<ScoredPair> pairs;
  for (std::size_t i = 0; i < 200; ++i) pairs.push_back({i % 2 == 0 ? 0.2 : 0.8, i % 2 == 1, i / 2});
  const ScoreCalibration calibration = fit_score_calibration(pairs).calibration;
  CHECK(calibration.probability(0.1) < 0.01);
  CHECK(calibration.probability(0.9) > 0.99);
}

TEST_CASE("pairs of one kind and cosines that are no numbers are refused") {
  CHECK_THROWS_WITH(fit_score_calibration({}), Catch::Contains("of 0 pairs"));
  const std::vector<ScoredPair> same(20, ScoredPair{0.5, true, 1});
  CHECK_THROWS_WITH(fit_score_calibration(same), Catch::Contains("of 20 pairs 20 show the same product"));
  const std::vector<ScoredPair> odd{{std::nan(""), true, 0}, {0.5, false, 1}};
  CHECK_THROWS_WITH(fit_score_calibration(odd), Catch::Contains("not finite"));
}

TEST_CASE("a calibration survives as bytes, and damage is found") {
  const ScoreCalibration calibration(1.5, 0.25, -3, 12345);
  const std::vector<std::byte> bytes = calibration.to_bytes();
  REQUIRE(bytes.size() == 64);
  const ScoreCalibration again = ScoreCalibration::from_bytes(bytes);
  CHECK(again.a() == 1.5);
  CHECK(again.b() == 0.25);
  CHECK(again.c() == -3);
  CHECK(again.num_pairs() == 12345);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    CHECK(code_of_reading({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)}) ==
          ErrorCode::kCorrupt);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::vector<std::byte> flipped = bytes;
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    const ErrorCode code = code_of_reading(flipped);
    CHECK((code == ErrorCode::kCorrupt || (bit / 8 >= 8 && bit / 8 < 12 && code == ErrorCode::kUnsupported)));
  }
}

// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <vector>

#include "vitrine/category.h"
#include "vitrine/error.h"

using namespace vitrine;

TEST_CASE("the calibration error is the mean distance of confidence and accuracy, bin by bin") {
  // Two bins: below 0.5 one of two right at 0.3 on average, above 0.5 two of three at 0.9.
  const std::vector<double> confidences = {0.2, 0.4, 0.8, 0.9, 1.0};
  const std::vector<bool> right = {true, false, true, false, true};
  const auto bins = reliability_of(confidences, right, 2);
  REQUIRE(bins.size() == 2);
  CHECK(bins[0].count == 2);
  CHECK(bins[0].mean_confidence == Approx(0.3));
  CHECK(bins[0].accuracy == Approx(0.5));
  CHECK(bins[1].count == 3);
  CHECK(bins[1].mean_confidence == Approx(0.9));
  CHECK(bins[1].accuracy == Approx(2.0 / 3));
  CHECK(expected_calibration_error(bins) == Approx((2 * 0.2 + 3 * (0.9 - 2.0 / 3)) / 5));
}

TEST_CASE("who is always sure and always right is calibrated, and nothing is too") {
  CHECK(expected_calibration_error(reliability_of(std::vector<double>{1, 1}, {true, true})) == 0);
  CHECK(expected_calibration_error(reliability_of({}, {})) == 0);
}

TEST_CASE("lists of different lengths are refused") {
  CHECK_THROWS_AS(reliability_of(std::vector<double>{1}, {}), Error);
  CHECK_THROWS_AS(reliability_of({}, {}, 0), Error);
}

// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "vitrine/category.h"
#include "vitrine/error.h"

using namespace vitrine;

TEST_CASE("nearer neighbours have the greater vote") {
  const std::vector<CategoryNeighbor> neighbors = {{0, 1.0}, {2, 0.9}, {2, 0.9}};
  const auto shares = vote_for_categories(neighbors, 3, 8);
  const double two = 2 * std::exp(-8 * 0.2);  // d^2 = 2 - 2 * 0.9
  REQUIRE(shares.size() == 3);
  CHECK(shares[0] == Approx(1 / (1 + two)));
  CHECK(shares[1] == 0);
  CHECK(shares[2] == Approx(two / (1 + two)));
}

TEST_CASE("with lambda 0 all votes count the same") {
  const std::vector<CategoryNeighbor> neighbors = {{0, 0.99}, {1, 0.2}, {1, -0.5}, {1, 0.1}};
  const auto shares = vote_for_categories(neighbors, 2, 0);
  CHECK(shares[0] == Approx(0.25));
  CHECK(shares[1] == Approx(0.75));
}

TEST_CASE("a large lambda leaves the nearest one, however far it is") {
  const std::vector<CategoryNeighbor> neighbors = {{0, -0.9}, {1, -1.0}};
  const auto shares = vote_for_categories(neighbors, 2, 5000);
  CHECK(shares[0] == Approx(1));
  CHECK(shares[1] == Approx(0).margin(1e-12));
}

TEST_CASE("nobody votes: all shares are 0") {
  CHECK(vote_for_categories({}, 2, 8) == std::vector<double>{0, 0});
  CHECK(vote_for_categories({}, 0, 8).empty());
  const std::vector<CategoryNeighbor> lost = {{0, std::numeric_limits<double>::quiet_NaN()}};
  CHECK(vote_for_categories(lost, 1, 8) == std::vector<double>{0});
}

TEST_CASE("cosines above one do no harm") {
  const std::vector<CategoryNeighbor> neighbors = {{0, 1.0001}, {1, 1.0}};
  CHECK(vote_for_categories(neighbors, 2, 100)[0] == Approx(0.5));
}

TEST_CASE("impossible votes are refused") {
  const std::vector<CategoryNeighbor> neighbors = {{2, 0.5}};
  CHECK_THROWS_AS(vote_for_categories(neighbors, 2, 8), Error);
  CHECK_THROWS_AS(vote_for_categories({}, 2, -1), Error);
  CHECK_THROWS_AS(vote_for_categories({}, 2, std::numeric_limits<double>::quiet_NaN()), Error);
}

TEST_CASE("a temperature above 1 makes less sure, one below 1 more") {
  const std::vector<double> probabilities = {0.8, 0.2, 0};
  const auto cooler = with_temperature(probabilities, 2);  // square roots: 2 to 1
  CHECK(cooler[0] == Approx(2.0 / 3));
  CHECK(cooler[1] == Approx(1.0 / 3));
  CHECK(cooler[2] == 0);
  const auto hotter = with_temperature(probabilities, 0.5);  // squares: 16 to 1
  CHECK(hotter[0] == Approx(16.0 / 17));
  CHECK(with_temperature(probabilities, 1)[0] == Approx(0.8));
}

TEST_CASE("temperatures keep silence silent and do not underflow") {
  CHECK(with_temperature(std::vector<double>{0, 0}, 2) == std::vector<double>{0, 0});
  CHECK(with_temperature({}, 2).empty());
  const auto tiny = with_temperature(std::vector<double>{1e-200, 1e-201}, 0.05);
  CHECK(tiny[0] == Approx(1));
  CHECK_THROWS_AS(with_temperature({}, 0), Error);
}

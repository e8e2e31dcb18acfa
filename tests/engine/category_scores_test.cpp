// SPDX-License-Identifier: MIT
#include "engine/category_scores.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

using namespace vitrine::engine;

TEST_CASE("the model's most probable categories come first, at most five") {
  const std::vector<float> probabilities = {0.1F, 0.3F, 0.05F, 0.2F, 0.15F, 0.2F};
  const std::vector<std::string> names = {"a", "b", "c", "e", "f", "d"};
  const auto scores = best_categories(probabilities, names);
  REQUIRE(scores.size() == 5);
  CHECK(scores[0].name == "b");
  CHECK(scores[1].name == "d");  // as probable as "e"
  CHECK(scores[2].name == "e");
  CHECK(scores[4].name == "a");
}

TEST_CASE("nearer items have the greater vote") {
  const std::vector<CategoryVote> votes = {{"shoes", 1.0}, {"bags", 0.9}, {"", 1.0}, {"bags", 0.9}};
  const auto scores = vote_for_categories(votes);
  REQUIRE(scores.size() == 2);
  const double bags = 2 * std::exp(-8 * 0.2);
  CHECK(scores[0].name == "shoes");
  CHECK(scores[0].probability == Approx(1 / (1 + bags)));
  CHECK(scores[1].probability == Approx(bags / (1 + bags)));
}

TEST_CASE("no votes give no categories, and cosines above one do no harm") {
  CHECK(vote_for_categories({}).empty());
  const std::vector<CategoryVote> votes = {{"a", 1.0001}};
  CHECK(vote_for_categories(votes)[0].probability == Approx(1.0));
}

// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <numeric>
#include <string>
#include <vector>

#include "vitrine/category.h"
#include "vitrine/error.h"

using namespace vitrine;

namespace {

using Names = std::vector<std::string>;

// Votes that all count the same.
CategoryFusion plain(double alpha) {
  CategoryFusion fusion;
  fusion.lambda = 0;
  fusion.alpha = alpha;
  return fusion;
}

std::vector<CategoryNeighbor> votes(const std::vector<std::uint32_t>& categories) {
  std::vector<CategoryNeighbor> neighbors;
  for (const std::uint32_t category : categories) neighbors.push_back({category, 0.5});
  return neighbors;
}

double sum(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0);
}

}  // namespace

TEST_CASE("the fused opinion is the weighted mean of both where both know all categories") {
  const CategoryPredictor predictor(plain(0.6), Names{"a", "b"}, Names{"b", "a"});
  CHECK(predictor.names() == Names{"a", "b"});
  const auto prediction = predictor.predict(std::vector<float>{0.9F, 0.1F}, votes({0, 0, 0, 1}));
  CHECK(prediction.model[0] == Approx(0.9));
  CHECK(prediction.search[0] == Approx(0.25));
  CHECK(prediction.fused[0] == Approx(0.6 * 0.9 + 0.4 * 0.25));
  CHECK(prediction.fused[1] == Approx(0.6 * 0.1 + 0.4 * 0.75));
}

TEST_CASE("a category can have a weight of its own") {
  CategoryFusion fusion = plain(0.5);
  fusion.category_alphas = {{"a", 0.9}, {"gone", 0.1}};
  const CategoryPredictor predictor(fusion, Names{"a", "b"}, Names{"a", "b"});
  const auto fused = predictor.predict(std::vector<float>{0.8F, 0.2F}, votes({0, 1})).fused;
  const double a = 0.9 * 0.8 + 0.1 * 0.5;
  const double b = 0.5 * 0.2 + 0.5 * 0.5;
  CHECK(fused[0] == Approx(a / (a + b)));
  CHECK(fused[1] == Approx(b / (a + b)));
}

TEST_CASE("what the model never saw is found by the search alone") {
  // The model must say something, and is sure of it.
  const CategoryPredictor predictor(plain(0.9), Names{"a", "b"}, Names{"a", "b", "new"});
  const auto fused = predictor.predict(std::vector<float>{0.95F, 0.05F}, votes({2, 2, 2, 0})).fused;
  CHECK(fused[2] == Approx(0.75));
  // The rest goes to what both know: of the votes left, all are for a.
  CHECK(fused[0] == Approx(0.25 * (0.9 * 0.95 + 0.1)));
  CHECK(sum(fused) == Approx(1));
}

TEST_CASE("what has no item yet is found by the model alone") {
  const CategoryPredictor predictor(plain(0.5), Names{"a", "b", "empty"}, Names{"a", "b"});
  const auto fused = predictor.predict(std::vector<float>{0.1F, 0.1F, 0.8F}, votes({0, 0})).fused;
  CHECK(fused[2] == Approx(0.8));
  CHECK(fused[0] == Approx(0.2 * (0.5 * 0.5 + 0.5)));
  CHECK(sum(fused) == Approx(1));
  CHECK_FALSE(predictor.is_searchable(2));
  CHECK(predictor.is_searchable(0));
}

TEST_CASE("with unknown categories on both sides, each side rules out what it does not know") {
  const CategoryPredictor predictor(plain(0.5), Names{"a", "empty"}, Names{"a", "new"});
  // Model: a 0.6, empty 0.4. Search: a 0.75, new 0.25. Odds common : empty : new = 0.45 : 0.3 : 0.15.
  const auto fused = predictor.predict(std::vector<float>{0.6F, 0.4F}, votes({0, 0, 0, 1})).fused;
  CHECK(fused[0] == Approx(0.5));
  CHECK(fused[1] == Approx(0.3 / 0.9));
  CHECK(fused[2] == Approx(0.15 / 0.9));
}

TEST_CASE("two sides that are certain of what the other does not know are each half believed") {
  const CategoryPredictor predictor(plain(0.5), Names{"a", "empty"}, Names{"a", "new"});
  const auto fused = predictor.predict(std::vector<float>{0, 1}, votes({1})).fused;
  CHECK(fused[1] == Approx(0.5));
  CHECK(fused[2] == Approx(0.5));
}

TEST_CASE("one side that is silent leaves it to the other, and two say nothing") {
  const CategoryPredictor predictor(plain(0.5), Names{"a", "b"}, Names{"a", "b"});
  CHECK(predictor.predict({}, votes({1})).fused == std::vector<double>{0, 1});
  CHECK(predictor.predict(std::vector<float>{1, 0}, {}).fused == std::vector<double>{1, 0});
  CHECK(predictor.predict(std::vector<float>{0, 0}, votes({0})).fused == std::vector<double>{1, 0});
  CHECK(predictor.predict({}, {}).fused == std::vector<double>{0, 0});
  const CategoryPredictor empty(plain(0.5), {}, {});
  CHECK(empty.predict({}, {}).fused.empty());
}

TEST_CASE("a model that speaks of other things is not asked") {
  const CategoryPredictor predictor(plain(0.9), Names{"tabby cat", "goldfish"}, Names{"shoes", "bags"});
  const auto prediction = predictor.predict(std::vector<float>{0.9F, 0.1F}, votes({0, 0, 1}));
  CHECK(prediction.model[0] == Approx(0.9));
  CHECK(prediction.fused[0] == 0);
  CHECK(prediction.fused[2] == Approx(2.0 / 3));
}

TEST_CASE("without any labelled item the model decides") {
  const CategoryPredictor predictor(plain(0.5), Names{"a", "b"}, Names{""});
  const auto fused = predictor.predict(std::vector<float>{0.3F, 0.7F}, votes({0, 0})).fused;
  CHECK(predictor.names() == Names{"a", "b"});
  CHECK(fused[1] == Approx(0.7));
}

TEST_CASE("items without a category do not vote and take nobody's place") {
  CategoryFusion fusion = plain(0);
  fusion.num_neighbors = 2;
  const CategoryPredictor predictor(fusion, {}, Names{"", "a", "b"});
  const auto search = predictor.predict({}, votes({0, 0, 1, 2, 2, 2})).search;
  CHECK(search == std::vector<double>{0.5, 0.5});
}

TEST_CASE("fewer neighbours than wanted all vote") {
  const CategoryPredictor predictor(plain(0), {}, Names{"a", "b"});
  CHECK(predictor.predict({}, votes({0})).search == std::vector<double>{1, 0});
}

TEST_CASE("temperatures apply to the model and to the result") {
  CategoryFusion fusion = plain(1);
  fusion.model_temperature = 2;
  fusion.fused_temperature = 0.5;
  const CategoryPredictor predictor(fusion, Names{"a", "b"}, Names{"a", "b"});
  const auto prediction = predictor.predict(std::vector<float>{0.8F, 0.2F}, votes({0}));
  CHECK(prediction.model[0] == Approx(2.0 / 3));
  CHECK(prediction.fused[0] == Approx(0.8));
}

TEST_CASE("arguments that do not fit are refused") {
  const CategoryPredictor predictor(plain(0.5), Names{"a", "b"}, Names{"a"});
  CHECK_THROWS_AS(predictor.predict(std::vector<float>{1}, {}), Error);
  CHECK_THROWS_AS(predictor.predict({}, votes({1})), Error);
  CHECK_THROWS_AS(CategoryPredictor(plain(1.5), {}, {}), Error);
  CategoryFusion no_neighbors;
  no_neighbors.num_neighbors = 0;
  CHECK_THROWS_AS(CategoryPredictor(no_neighbors, {}, {}), Error);
}

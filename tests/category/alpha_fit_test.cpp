// SPDX-License-Identifier: MIT
#include "category/alpha_fit.h"

#include <catch2/catch.hpp>
#include <random>
#include <vector>

using namespace vitrine::category;

namespace {

// One side is certain of the truth, the other one of category `wrong`.
OpinionPair only_model_is_right(std::size_t truth, std::size_t wrong) {
  return {truth, {{truth, 1, 0}, {wrong, 0, 1}}};
}
OpinionPair only_search_is_right(std::size_t truth, std::size_t wrong) {
  return {truth, {{truth, 0, 1}, {wrong, 1, 0}}};
}

}  // namespace

TEST_CASE("the weight is the share of the samples in which the model is right") {
  // alpha^2 (1 - alpha) by the samples, alpha (1 - alpha) by the imagined ones: 3/5.
  const std::vector<OpinionPair> samples = {only_model_is_right(0, 1), only_model_is_right(1, 0),
                                            only_search_is_right(0, 1)};
  CHECK(fit_alpha(samples) == Approx(0.6).margin(0.001));
}

TEST_CASE("samples on which both agree say nothing, nor do none") {
  const std::vector<OpinionPair> samples(50, OpinionPair{0, {{0, 1, 1}}});
  CHECK(fit_alpha(samples) == Approx(0.5).margin(0.001));
  CHECK(fit_alpha({}) == Approx(0.5).margin(0.001));
}

TEST_CASE("a category gets its own weight where many samples speak for it") {
  // Of category 0 the model is right, of 1 the search; what they take each other for is 2 and 3. One sample
  // of category 4 hardly moves it.
  std::vector<OpinionPair> samples;
  for (int i = 0; i < 50; ++i) {
    samples.push_back({0, {{0, 0.8, 0.3}, {2, 0.2, 0.7}}});
    samples.push_back({1, {{1, 0.3, 0.8}, {3, 0.7, 0.2}}});
  }
  samples.push_back({4, {{4, 0.8, 0.3}, {2, 0.2, 0.7}}});
  const double common = fit_alpha(samples);
  CHECK(common == Approx(0.5).margin(0.02));
  const auto own = fit_category_alphas(samples, 6, common);
  CHECK(own[0] > 0.7);
  CHECK(own[1] < 0.3);
  CHECK(own[4] > common);
  CHECK(own[4] < 0.6);
  CHECK(own[5] == common);
  const auto useful = useful_category_alphas(samples, 6, common);
  REQUIRE(useful);
  CHECK(*useful == own);
}

TEST_CASE("weights of categories that do not explain held-out samples are dropped") {
  // Whatever the category and what it is taken for, each side is right half of the time.
  std::mt19937 random(3);
  std::vector<OpinionPair> samples;
  for (int i = 0; i < 90; ++i) {
    const std::size_t truth = random() % 3;
    const std::size_t wrong = (truth + 1 + random() % 2) % 3;
    samples.push_back(random() % 2 == 0 ? only_model_is_right(truth, wrong)
                                        : only_search_is_right(truth, wrong));
  }
  CHECK_FALSE(useful_category_alphas(samples, 3, fit_alpha(samples)));
  CHECK_FALSE(useful_category_alphas(std::vector<OpinionPair>(3), 3, 0.5));
}

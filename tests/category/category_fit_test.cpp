// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cmath>
#include <string>
#include <vector>

#include "vitrine/category.h"
#include "vitrine/error.h"

using namespace vitrine;

namespace {

using Names = std::vector<std::string>;
const Names kNames = {"a", "b"};

CategorySample sample(const std::string& category, std::vector<float> model,
                      std::vector<CategoryNeighbor> neighbors) {
  return {category, std::move(model), std::move(neighbors)};
}

}  // namespace

TEST_CASE("lambda makes the votes as sure as they are right") {
  // Of two neighbours at d^2 = 0.2 and 0.4 the nearer one is right three times of four. With 1 % for all
  // categories, 0.99 p + 0.005 = 0.75, and p / (1 - p) = exp(0.2 lambda).
  std::vector<CategorySample> samples;
  for (int i = 0; i < 4; ++i) samples.push_back(sample(i == 0 ? "b" : "a", {}, {{0, 0.9}, {1, 0.8}}));
  const auto report = fit_category_fusion(samples, {}, kNames);
  const double p = (0.75 - 0.005) / 0.99;
  CHECK(report.fusion.lambda == Approx(std::log(p / (1 - p)) / 0.2).epsilon(0.002));
  CHECK(report.fusion.alpha == 0.5);
  CHECK(report.fusion.model_temperature == Approx(1).margin(0.01));
  CHECK(report.search_accuracy == 0.75);
  CHECK(report.fused_accuracy == 0.75);
  CHECK(report.model_accuracy == 0);
  CHECK(report.fusion.num_samples == 4);
}

TEST_CASE("the model's temperature makes it as sure as it is right") {
  // It says 0.9 and is right in 0.8 of the cases: 9^(1/T) = p / (1 - p) with 0.999 p + 0.0005 = 0.8.
  std::vector<CategorySample> samples;
  for (int i = 0; i < 2000; ++i) samples.push_back(sample(i % 5 == 0 ? "b" : "a", {0.9F, 0.1F}, {}));
  const auto report = fit_category_fusion(samples, kNames, {});
  const double p = (0.8 - 0.0005) / 0.999;
  CHECK(report.fusion.model_temperature == Approx(std::log(9) / std::log(p / (1 - p))).epsilon(0.01));
  CHECK(report.fusion.lambda == 8);
  CHECK(report.calibration_error_after < 0.01);
  CHECK(report.model_accuracy == Approx(0.8));
}

TEST_CASE("a model that may have seen the samples is never made surer") {
  std::vector<CategorySample> samples;
  for (int i = 0; i < 500; ++i) samples.push_back(sample(i % 2 == 0 ? "a" : "b", {0.6F, 0.4F}, {}));
  for (CategorySample& one : samples) {
    if (one.category == "b") one.model_probabilities = {0.4F, 0.6F};
  }
  CHECK(fit_category_fusion(samples, kNames, {}).fusion.model_temperature < 0.5);
  const auto careful = fit_category_fusion(samples, kNames, {}, {.samples_are_new = false}).fusion;
  CHECK(careful.model_temperature == 1);
  CHECK(careful.fused_temperature == 1);
}

TEST_CASE("the fused opinion is better than both sides that err in different samples") {
  // Each is right in three of four; where it errs it is less sure.
  std::vector<CategorySample> samples;
  for (int i = 0; i < 400; ++i) {
    const bool model_errs = i % 4 == 0;
    const bool search_errs = i % 4 == 2;
    const bool is_a = i / 4 % 2 == 0;
    const float sure = model_errs ? 0.4F : 0.9F;
    const std::uint32_t near = (is_a != search_errs) ? 0 : 1;
    std::vector<CategoryNeighbor> neighbors = {{near, 0.9}};
    neighbors.push_back({search_errs ? 1 - near : near, search_errs ? 0.89 : 0.8});
    samples.push_back(sample(is_a ? "a" : "b",
                             is_a ? std::vector{sure, 1 - sure} : std::vector{1 - sure, sure}, neighbors));
  }
  const auto report = fit_category_fusion(samples, kNames, kNames);
  CHECK(report.model_accuracy == Approx(0.75));
  CHECK(report.search_accuracy == Approx(0.75));
  CHECK(report.fused_accuracy == Approx(1));
  CHECK(report.fusion.alpha > 0.1);
  CHECK(report.fusion.alpha < 0.9);
  CHECK(report.fusion.model_categories == kNames);
  CHECK(report.fusion.search_categories == kNames);
}

TEST_CASE("samples of unknown categories are counted and left out") {
  std::vector<CategorySample> samples = {sample("a", {0.8F, 0.2F}, {{0, 0.9}}), sample("c", {0.5F, 0.5F}, {}),
                                         sample("", {0.5F, 0.5F}, {})};
  const auto report = fit_category_fusion(samples, kNames, kNames);
  CHECK(report.num_used == 1);
  CHECK(report.num_unknown == 2);
  CHECK_THROWS_AS(fit_category_fusion(std::span(samples).subspan(1), kNames, kNames), Error);
  CHECK_THROWS_AS(fit_category_fusion({}, kNames, kNames), Error);
}

TEST_CASE("one category, one sample, one neighbour: everything stays finite") {
  const std::vector<CategorySample> samples = {sample("a", {1.0F}, {{0, 1.0}})};
  const auto report = fit_category_fusion(samples, Names{"a"}, Names{"a"});
  CHECK(report.fused_accuracy == 1);
  CHECK(report.calibration_error_after == Approx(0).margin(1e-9));
  CHECK_NOTHROW(report.fusion.validate());
}

// SPDX-License-Identifier: MIT
#include "vitrine/quality_ranker.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <numeric>
#include <random>

#include "rank/ranker_features.h"
#include "rank/ranker_tree.h"
#include "vitrine/error.h"

using namespace vitrine;

namespace {

const double kNan = std::nan("");
const double kInfinity = std::numeric_limits<double>::infinity();

RankerNode leaf(double value) {
  RankerNode node;
  node.value = value;
  return node;
}

RankerNode question(std::int32_t feature, float threshold, bool missing_below, double value) {
  return {feature, threshold, 1, 2, missing_below, value};
}

/// Similarity below 0.5 costs 2, a low place in the catalogue's sales costs 1, a low one among the hits 0.5.
QualityRanker::Parts sales_ranker() {
  QualityRanker::Parts parts;
  parts.scales = {{"sales", {0, 10, 20}}};
  parts.trees = {{question(0, 0.5F, false, 0), leaf(-2), leaf(0)},
                 {question(3, 0.5F, true, 0.25), leaf(-1), leaf(0.5)},
                 {question(4, 0.5F, true, 0), leaf(-0.5), leaf(0.5)}};
  parts.bias = -1;
  parts.top_probability = 0.4;
  parts.num_views = 7;
  parts.num_positives = 3;
  return parts;
}

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

}  // namespace

TEST_CASE("a scale puts values where they stand among its quantiles") {
  const ColumnScale scale{"sales", {1, 2, 2, 4, 10}};
  CHECK(scale.standing(1) == 0);
  CHECK(scale.standing(2) == 0.375);
  CHECK(scale.standing(3) == 0.625);
  CHECK(scale.standing(7) == 0.875);
  CHECK(scale.standing(10) == 1);
  CHECK(scale.standing(-5) == 0);
  CHECK(scale.standing(1e300) == 1);
  CHECK(std::isnan(scale.standing({})));
  CHECK(std::isnan(scale.standing(kNan)));
  CHECK(std::isnan(scale.standing(kInfinity)));
  const ColumnScale huge{"sales", {-1.7e308, 1.7e308}};
  CHECK(huge.standing(0) == Approx(0.5));
}

TEST_CASE("scales are fitted to what is finite, and columns that say nothing are named") {
  using Values = std::vector<std::optional<double>>;
  const std::vector<std::string> names = {"good", "constant", "empty", "infinite", "mixed"};
  const std::vector<Values> values = {{3, 1, {}, 2},
                                      {5, 5, {}, 5},
                                      {{}, {}, {}, {}},
                                      {kInfinity, kNan, {}, -kInfinity},
                                      {1, kInfinity, 3, 2}};
  const ColumnScales fitted = fit_scales(names, values);
  REQUIRE(fitted.scales.size() == 2);
  CHECK(fitted.scales[0].name == "good");
  CHECK(fitted.scales[0].quantiles == std::vector<double>{1, 2, 3});
  CHECK(fitted.scales[1].name == "mixed");
  REQUIRE(fitted.unused.size() == 3);
  CHECK(fitted.unused[0].name == "constant");
  CHECK(fitted.unused[0].reason == "is the same for all items that have it");
  CHECK(fitted.unused[1].name == "empty");
  CHECK(fitted.unused[1].reason == "is empty");
  CHECK(fitted.unused[2].name == "infinite");
  CHECK(fitted.unused[2].reason == "has no finite number");
  REQUIRE(fitted.warnings.size() == 1);
  CHECK(fitted.warnings[0] == "column 'mixed': 1 values are not finite and count as missing");
}

TEST_CASE("a long column keeps its ends and its middle") {
  std::vector<std::optional<double>> values;
  for (int i = 0; i < 5001; ++i) values.push_back(i);
  const std::vector<std::string> names = {"n"};
  const ColumnScale scale = fit_scales(names, std::span(&values, 1)).scales.at(0);
  CHECK(scale.quantiles.size() < 200);
  for (const double value : {0.0, 1250.0, 2500.0, 5000.0})
    CHECK(scale.standing(value) == Approx(value / 5000).margin(1e-9));
}

TEST_CASE("a ranker judges hits as its trees say, and tells why") {
  const QualityRanker ranker(sales_ranker());
  CHECK(ranker.base_log_odds() == Approx(-0.75));
  const std::vector<RankerInput> hits = {{0.9, 0.1, {20.0}}, {0.4, 0.1, {0.0}}, {0.6, 0.2, {std::nullopt}}};
  const auto judged = ranker.judge(hits);
  REQUIRE(judged.size() == 3);
  CHECK(judged[0].probability == Approx(logistic(-1 + 0 + 0.5 + 0.5)));
  CHECK(judged[1].probability == Approx(logistic(-1 - 2 - 1 - 0.5)));
  CHECK(judged[2].probability == Approx(logistic(-1 + 0 - 1 - 0.5)));
  CHECK(judged[0].quality == 1);  // more than what counts as the top
  CHECK(judged[1].quality == Approx(judged[1].probability / 0.4));
  CHECK(judged[0].standings[0] == 1.0);
  CHECK_FALSE(judged[2].standings[0]);
  for (const RankerJudgement& one : judged) {
    REQUIRE(one.contributions.size() == 4);
    const double sum = std::accumulate(one.contributions.begin(), one.contributions.end(), 0.0);
    CHECK(logistic(ranker.base_log_odds() + sum) == Approx(one.probability));
  }
  CHECK(judged[1].contributions[0] == Approx(-2));
  CHECK(judged[1].contributions[1] == 0);
  CHECK(judged[1].contributions[3] == Approx(-1 - 0.25 - 0.5));
  CHECK_THROWS_AS(ranker.judge(std::vector<RankerInput>{{0.9, 0.1, {}}}), Error);
}

TEST_CASE("a ranker refuses trees that would send it astray") {
  const auto refused = [](const std::function<void(QualityRanker::Parts&)>& change) {
    QualityRanker::Parts parts = sales_ranker();
    change(parts);
    try {
      const QualityRanker ranker(parts);
    } catch (const Error& error) {
      return error.code() == ErrorCode::kInvalidArgument;
    }
    return false;
  };
  CHECK_FALSE(refused([](QualityRanker::Parts&) {}));
  CHECK(refused([](QualityRanker::Parts& parts) { parts.trees[0][0].below = 0; }));
  CHECK(refused([](QualityRanker::Parts& parts) { parts.trees[0][0].at_least = 3; }));
  CHECK(refused([](QualityRanker::Parts& parts) { parts.trees[0][0].feature = 5; }));
  CHECK(refused([](QualityRanker::Parts& parts) { parts.trees[0][0].feature = -2; }));
  CHECK(refused([](QualityRanker::Parts& parts) { parts.trees[0][1].value = std::nan(""); }));
  CHECK(refused([](QualityRanker::Parts& parts) { parts.trees[0].clear(); }));
  CHECK(refused([](QualityRanker::Parts& parts) { parts.bias = std::nan(""); }));
  CHECK(refused([](QualityRanker::Parts& parts) { parts.top_probability = 0; }));
  CHECK(refused([](QualityRanker::Parts& parts) { parts.scales[0].quantiles = {1, 1}; }));
  CHECK(refused([](QualityRanker::Parts& parts) { parts.scales[0].quantiles = {2, 1}; }));
  CHECK(refused([](QualityRanker::Parts& parts) { parts.target = static_cast<RankerTarget>(2); }));
}

TEST_CASE("a ranker comes back from its bytes, and from no others") {
  QualityRanker::Parts parts = sales_ranker();
  parts.target = RankerTarget::kPurchase;
  const QualityRanker ranker(parts);
  const std::vector<std::byte> bytes = ranker.to_bytes();
  const QualityRanker read = QualityRanker::from_bytes(bytes);
  CHECK(read.to_bytes() == bytes);
  CHECK(read.target() == RankerTarget::kPurchase);
  CHECK(read.num_views() == 7);
  CHECK(read.num_positives() == 3);
  CHECK(read.scales().at(0).name == "sales");
  const std::vector<RankerInput> hits = {{0.7, 0.1, {12.0}}, {0.4, 0.1, {std::nullopt}}};
  for (std::size_t i = 0; i < hits.size(); ++i)
    CHECK(read.judge(hits)[i].probability == ranker.judge(hits)[i].probability);
  const auto code_of = [](std::span<const std::byte> damaged) {
    try {
      QualityRanker::from_bytes(damaged);
    } catch (const Error& error) {
      return error.code();
    }
    return ErrorCode::kInternal;
  };
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    INFO(i);
    std::vector<std::byte> changed = bytes;
    changed[i] ^= std::byte{0x40};
    CHECK((code_of(changed) == ErrorCode::kCorrupt || code_of(changed) == ErrorCode::kUnsupported));
    CHECK(code_of(std::span(bytes).first(i)) == ErrorCode::kCorrupt);
  }
}

TEST_CASE("features of a page: visual ones, and places in the catalogue and on the page") {
  const std::vector<ColumnScale> scales = {{"sales", {0, 100}}, {"price", {0, 10}}};
  const std::vector<RankerInput> page = {{0.7, 0.2, {50.0, 1.0}}, {0.9, 0.1, {25.0, std::nullopt}}};
  const std::vector<float> features = rank::page_features(page, scales);
  REQUIRE(features.size() == 2 * rank::num_features(2));
  const std::vector<float> expected = {0.7F, 0.2F, 0.2F, 0.5F, 1, 0.1F, 0.5F};
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(features[i] == Approx(expected[i]));
  CHECK(features[7 + 1] == 0);
  CHECK(features[7 + 3] == 0.25F);
  CHECK(features[7 + 4] == 0);
  CHECK(std::isnan(features[7 + 5]));
  CHECK(std::isnan(features[7 + 6]));
}

TEST_CASE("leaf values become the log odds of what falls into the leaves, unless a ridge holds them") {
  // Of the samples below 0.5, a fifth are right; of the others, four fifths, which weigh double.
  std::vector<float> features, labels, weights;
  for (int i = 0; i < 1000; ++i) {
    const bool is_low = i % 2 == 0;
    features.push_back(is_low ? 0.2F : 0.8F);
    labels.push_back((i / 2 % 5 == 0) == is_low ? 1.0F : 0.0F);
    weights.push_back(is_low ? 1.0F : 2.0F);
  }
  const rank::LeafSamples samples{features, 1, labels, weights};
  const std::vector<RankerTree> start = {{question(0, 0.5F, true, 0), leaf(0.1), leaf(-0.1)}};
  std::vector<RankerTree> trees = start;
  double bias = rank::fit_leaf_values(samples, 1e-9, trees);
  CHECK(bias + trees[0][1].value == Approx(std::log(0.25)).margin(1e-3));
  CHECK(bias + trees[0][2].value == Approx(std::log(4)).margin(1e-3));
  CHECK(trees[0][0].value == Approx(trees[0][1].value / 3 + trees[0][2].value * 2 / 3));
  const double best_loss = rank::log_loss(samples, trees, bias);
  CHECK(best_loss == Approx(-0.8 * std::log(0.8) - 0.2 * std::log(0.2)).margin(1e-6));

  std::vector<RankerTree> held = start;
  bias = rank::fit_leaf_values(samples, 1e9, held);
  CHECK(held[0][1].value == Approx(0.1).margin(1e-4));
  CHECK(held[0][2].value == Approx(-0.1).margin(1e-4));
  CHECK(rank::log_loss(samples, held, bias) > best_loss + 0.1);
}

// SPDX-License-Identifier: MIT
#include "vitrine/rerank.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "rank/kernel.h"

namespace vitrine {
namespace {

std::vector<float> random_feature(std::mt19937_64& random, std::size_t dim) {
  std::normal_distribution<float> normal;
  std::vector<float> feature(dim);
  double norm = 0;
  for (float& value : feature) {
    value = normal(random);
    norm += static_cast<double>(value) * value;
  }
  for (float& value : feature) value = static_cast<float>(value / std::sqrt(norm));
  return feature;
}

// Dot product in double precision.
double reference_dot(const std::vector<float>& query, const std::vector<Half>& row) {
  const std::vector<float> floats = to_float(row);
  double sum = 0;
  for (std::size_t i = 0; i < query.size(); ++i) sum += static_cast<double>(query[i]) * floats[i];
  return sum;
}

std::vector<const Half*> pointers_to(const std::vector<std::vector<Half>>& rows) {
  std::vector<const Half*> pointers;
  for (const auto& row : rows) pointers.push_back(row.data());
  return pointers;
}

std::vector<std::size_t> order_of(const std::vector<RankedCandidate>& ranked) {
  std::vector<std::size_t> order;
  for (const RankedCandidate& candidate : ranked) order.push_back(candidate.candidate_index);
  return order;
}

}  // namespace

TEST_CASE("every kernel's dot product is right at every length") {
  std::mt19937_64 random(1);
  for (const rank::Kernel& kernel : rank::all_kernels()) {
    if (!kernel.supported()) continue;
    DYNAMIC_SECTION(kernel.name) {
      for (std::size_t dim = 0; dim <= 200; ++dim) {
        const auto query = random_feature(random, dim);
        const auto row = to_half(random_feature(random, dim));
        REQUIRE(kernel.dot(query.data(), row.data(), dim) == Approx(reference_dot(query, row)).margin(1e-6));
      }
    }
  }
}

TEST_CASE("the public dot product agrees with double precision") {
  std::mt19937_64 random(2);
  const auto query = random_feature(random, 512);
  const auto row = to_half(random_feature(random, 512));
  REQUIRE(dot(query, row.data()) == Approx(reference_dot(query, row)).margin(1e-6));
}

TEST_CASE("candidates come back in the order of their cosines in double precision") {
  std::mt19937_64 random(3);
  for (const std::size_t dim : {1, 7, 64, 512, 515}) {
    const auto query = random_feature(random, dim);
    std::vector<std::vector<Half>> rows(300);
    for (auto& row : rows) row = to_half(random_feature(random, dim));
    const auto candidates = pointers_to(rows);
    for (const std::size_t k : {1, 10, 299, 300, 1000}) {
      const auto ranked = rerank_by_cosine(query, candidates, k);
      REQUIRE(ranked.size() == std::min<std::size_t>(k, rows.size()));
      std::vector<double> expected;
      for (const auto& row : rows) expected.push_back(reference_dot(query, row));
      std::sort(expected.rbegin(), expected.rend());
      for (std::size_t i = 0; i < ranked.size(); ++i) {
        const double cosine = std::clamp(reference_dot(query, rows[ranked[i].candidate_index]), -1.0, 1.0);
        REQUIRE(ranked[i].cosine == Approx(cosine).margin(1e-6));
        REQUIRE(cosine == Approx(std::clamp(expected[i], -1.0, 1.0)).margin(2e-6));
      }
    }
  }
}

TEST_CASE("equal cosines are ordered by position, also where the k-th place is tied") {
  const std::vector<float> query{1, 0};
  const std::vector<Half> near = to_half(std::vector<float>{0.5f, 0.5f});
  const std::vector<Half> far = to_half(std::vector<float>{0, 1});
  std::vector<const Half*> candidates(50, near.data());
  candidates[0] = candidates[7] = far.data();
  REQUIRE(order_of(rerank_by_cosine(query, candidates, 8)) ==
          std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 8, 9});
  const auto all = order_of(rerank_by_cosine(query, candidates, 50));
  REQUIRE(all[48] == 0);
  REQUIRE(all[49] == 7);
}

TEST_CASE("candidates without a feature are left out") {
  const std::vector<float> query{1, 0, 0};
  const std::vector<Half> row = to_half(query);
  const std::vector<const Half*> candidates{nullptr, row.data(), nullptr, row.data(), nullptr, nullptr};
  REQUIRE(order_of(rerank_by_cosine(query, candidates, 10)) == std::vector<std::size_t>{1, 3});
  REQUIRE(rerank_by_cosine(query, std::vector<const Half*>(5), 10).empty());
}

TEST_CASE("nothing comes of no candidates or k = 0") {
  const std::vector<float> query{1};
  const std::vector<Half> row = to_half(query);
  REQUIRE(rerank_by_cosine(query, {}, 10).empty());
  REQUIRE(rerank_by_cosine(query, std::vector<const Half*>{row.data()}, 0).empty());
}

TEST_CASE("a cosine that is no number comes last") {
  const std::vector<float> query{1};
  const std::vector<Half> good = to_half(std::vector<float>{-0.5f});
  const std::vector<Half> bad = to_half(std::vector<float>{std::numeric_limits<float>::quiet_NaN()});
  std::vector<const Half*> candidates(20, bad.data());
  candidates[11] = candidates[3] = good.data();
  const auto ranked = rerank_by_cosine(query, candidates, 4);
  REQUIRE(order_of(ranked) == std::vector<std::size_t>{3, 11, 0, 1});
  REQUIRE(std::isnan(ranked[2].cosine));
}

TEST_CASE("cosines stay within -1 and 1 although halves are rounded") {
  std::mt19937_64 random(4);
  for (int i = 0; i < 200; ++i) {
    const auto query = random_feature(random, 3);
    const auto row = to_half(query);
    const std::vector<const Half*> candidates{row.data()};
    REQUIRE(rerank_by_cosine(query, candidates, 1).front().cosine <= 1.0f);
  }
}

}  // namespace vitrine

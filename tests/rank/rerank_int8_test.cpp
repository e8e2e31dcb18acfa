// SPDX-License-Identifier: MIT
#include "vitrine/rerank_int8.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "rank/int8_kernel.h"
#include "vitrine/error.h"

using namespace vitrine;

namespace {

using Numbers = std::vector<std::int8_t>;

Numbers random_numbers(std::mt19937_64& random, std::size_t dim) {
  Numbers numbers(dim);
  for (std::int8_t& number : numbers)
    number = static_cast<std::int8_t>(static_cast<int>(random() % 255) - 127);
  return numbers;
}

// At a cosine of about `cosine` to `query`, of any length.
std::vector<float> feature_near(std::mt19937_64& random, const std::vector<float>& query, double cosine) {
  std::normal_distribution<double> normal(0, std::sqrt((1 - cosine * cosine) / query.size()));
  const double length = 0.5 + static_cast<double>(random() % 100) / 50;
  std::vector<float> feature;
  for (const float x : query) feature.push_back(static_cast<float>(length * (cosine * x + normal(random))));
  return feature;
}

std::vector<float> random_query(std::mt19937_64& random, std::size_t dim) {
  std::normal_distribution<float> normal(0, 1 / std::sqrt(static_cast<float>(dim)));
  std::vector<float> query(dim);
  for (float& x : query) x = normal(random);
  return query;
}

double cosine_of(const std::vector<float>& left, const std::vector<float>& right) {
  double dot = 0, left_squares = 0, right_squares = 0;
  for (std::size_t i = 0; i < left.size(); ++i) {
    dot += double{left[i]} * right[i];
    left_squares += double{left[i]} * left[i];
    right_squares += double{right[i]} * right[i];
  }
  return dot / std::sqrt(left_squares * right_squares);
}

template <typename T>
std::vector<const T*> pointers_to(const std::vector<std::vector<T>>& rows) {
  std::vector<const T*> pointers;
  for (const auto& row : rows) pointers.push_back(row.data());
  return pointers;
}

void check_sums(const rank::Int8Kernel& kernel, const Numbers& query, const Numbers& row) {
  const rank::Int8Sums expected = rank::int8_sums_scalar(query.data(), row.data(), query.size());
  const rank::Int8Sums found = kernel.sums(query.data(), row.data(), query.size());
  REQUIRE(found.products == expected.products);
  REQUIRE(found.squares == expected.squares);
}

}  // namespace

TEST_CASE("the scalar sums are those of the definition") {
  const Numbers query{127, -127, 3, 0};
  const Numbers row{-127, -127, -2, 100};
  const rank::Int8Sums sums = rank::int8_sums_scalar(query.data(), row.data(), 4);
  CHECK(sums.products == -127 * 127 + 127 * 127 - 6);
  CHECK(sums.squares == 2 * 127 * 127 + 4 + 10000);
}

TEST_CASE("every kernel of eight-bit numbers gives the scalar sums at every length and at the extremes") {
  std::mt19937_64 random(1);
  for (const rank::Int8Kernel& kernel : rank::all_int8_kernels()) {
    if (!kernel.supported()) continue;
    DYNAMIC_SECTION(kernel.name) {
      for (std::size_t dim = 0; dim <= 300; ++dim) {
        check_sums(kernel, random_numbers(random, dim), random_numbers(random, dim));
        for (const std::int8_t left : {-127, 127})
          for (const std::int8_t right : {-127, 0, 127})
            check_sums(kernel, Numbers(dim, left), Numbers(dim, right));
      }
      check_sums(kernel, Numbers(65536, -127), Numbers(65536, 127));
      // Rows need no alignment, and nothing behind them is looked at.
      const Numbers long_row = random_numbers(random, 400);
      for (std::size_t start = 0; start < 70; ++start) {
        Numbers row(long_row.begin() + static_cast<std::ptrdiff_t>(start), long_row.end());
        const rank::Int8Sums expected = rank::int8_sums_scalar(long_row.data(), row.data(), 77);
        CHECK(kernel.sums(long_row.data(), long_row.data() + start, 77).products == expected.products);
      }
    }
  }
}

TEST_CASE("features are rounded to the whole range of eight bits") {
  Numbers numbers(4);
  to_int8(std::vector<float>{0.5F, -1, 0.25F, 0}, numbers);
  CHECK(numbers == Numbers{64, -127, 32, 0});
  to_int8(std::vector<float>(4), numbers);
  CHECK(numbers == Numbers(4, 0));
  to_int8(std::vector<float>{1e-30F, 0, -1e-30F, 0}, numbers);
  CHECK(numbers == Numbers{127, 0, -127, 0});
  const float infinity = std::numeric_limits<float>::infinity();
  for (const float odd : {infinity, -infinity, std::nanf(""), std::numeric_limits<float>::denorm_min()})
    CHECK_NOTHROW(to_int8(std::vector<float>{1, odd, 0, -1}, numbers));
  CHECK_THROWS_WITH(to_int8(std::vector<float>(3), numbers), Catch::Contains("expected 3 numbers"));
  Numbers many(65537);
  CHECK_THROWS_AS(to_int8(std::vector<float>(65537), many), Error);
}

TEST_CASE("eight bits order nearly by cosine, and halves exactly the best of them") {
  std::mt19937_64 random(2);
  for (const std::size_t dim : {64, 512, 515}) {
    const std::vector<float> query = random_query(random, dim);
    std::vector<std::vector<Half>> halves;
    std::vector<Numbers> rows;
    std::vector<double> cosines;
    for (int i = 0; i < 1000; ++i) {
      std::vector<float> feature = feature_near(random, query, 0.2 + 0.6 * (i * 7 % 1000) / 1000);
      cosines.push_back(cosine_of(query, feature));
      rows.emplace_back(dim);
      to_int8(feature, rows.back());
      double squares = 0;
      for (const float x : feature) squares += double{x} * x;
      for (float& x : feature) x /= static_cast<float>(std::sqrt(squares));
      halves.push_back(to_half(feature));
    }
    const auto numbers = pointers_to(rows);
    const auto first = rerank_by_int8(query, numbers, 1000);
    REQUIRE(first.size() == 1000);
    for (std::size_t i = 0; i < first.size(); ++i) {
      CHECK(first[i].cosine == Approx(cosines[first[i].candidate_index]).margin(dim < 512 ? 0.012 : 0.004));
      if (i > 0) CHECK(first[i].cosine <= first[i - 1].cosine);
    }
    const auto expected = rerank_by_cosine(query, pointers_to(halves), 10);
    const auto both = rerank_by_int8_then_cosine(query, numbers, pointers_to(halves), 10);
    REQUIRE(both.size() == 10);
    for (std::size_t i = 0; i < 10; ++i) {
      CHECK(both[i].candidate_index == expected[i].candidate_index);
      CHECK(both[i].cosine == expected[i].cosine);
    }
  }
}

TEST_CASE("eight-bit candidates that are missing, equal or zero") {
  const std::vector<float> query{1, 0};
  const Numbers near{127, 0};
  const Numbers zero{0, 0};
  const Numbers far{-127, 0};
  const std::vector<const std::int8_t*> candidates{far.data(),  nullptr,     near.data(),
                                                   zero.data(), near.data(), nullptr};
  const auto ranked = rerank_by_int8(query, candidates, 10);
  REQUIRE(ranked.size() == 4);
  CHECK(ranked[0].candidate_index == 2);
  CHECK(ranked[1].candidate_index == 4);
  CHECK(ranked[2].candidate_index == 3);
  CHECK(ranked[0].cosine == 1);
  CHECK(ranked[2].cosine == 0);
  CHECK(ranked[3].cosine == -1);
  CHECK(rerank_by_int8(query, candidates, 0).empty());
  CHECK(rerank_by_int8(query, {}, 3).empty());
  CHECK(rerank_by_int8(std::vector<float>(2), candidates, 10)[0].cosine == 0);
  const std::vector<Half> half = to_half(query);
  const std::vector<const Half*> same(6, half.data());
  const auto both = rerank_by_int8_then_cosine(query, candidates, same, 3, 1);
  REQUIRE(both.size() == 3);
  CHECK(both[0].candidate_index == 2);
  CHECK(both[1].candidate_index == 3);
  CHECK(both[2].candidate_index == 4);
  CHECK_THROWS_AS(rerank_by_int8_then_cosine(query, candidates, std::span(same).first(5), 3), Error);
}

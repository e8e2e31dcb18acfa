// SPDX-License-Identifier: MIT
#include "inventory/duplicate_search.h"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <random>
#include <set>

using namespace vitrine;
using namespace vitrine::inventory;

namespace {

constexpr std::size_t kDim = 64;

// Rows in tight clusters, so that many are near each other and some at the limit.
struct TestRows {
  std::vector<RowId> ids;
  std::vector<std::vector<float>> features;
  std::vector<Half> halves;
  std::vector<std::uint64_t> codes;
  HammingIndex index{HammingIndexOptions{.code_bits = kDim}};

  TestRows(std::size_t count, std::size_t num_clusters, unsigned seed) {
    std::mt19937 random(seed);
    std::normal_distribution<float> normal;
    std::vector<std::vector<float>> centers(num_clusters, std::vector<float>(kDim));
    for (auto& center : centers) {
      for (float& x : center) x = normal(random);
    }
    for (std::size_t i = 0; i < count; ++i) {
      std::vector<float> feature = centers[random() % num_clusters];
      double sum = 0;
      for (float& x : feature) {
        x += 0.35F * normal(random);
        sum += x * x;
      }
      std::uint64_t code = 0;
      for (std::size_t d = 0; d < kDim; ++d) {
        feature[d] /= static_cast<float>(std::sqrt(sum));
        code |= std::uint64_t{feature[d] > 0} << d;
      }
      ids.push_back(3 * i + 7);
      codes.push_back(code);
      const std::vector<Half> half = to_half(feature);
      halves.insert(halves.end(), half.begin(), half.end());
      features.push_back(std::move(feature));
      index.upsert(ids.back(), std::as_bytes(std::span(&codes.back(), 1)));
    }
  }

  DuplicateRows rows() const {
    return {index, ids, kDim, [this](std::size_t row) { return halves.data() + row * kDim; }};
  }

  bool within(std::size_t left, std::size_t right, const DuplicateLimits& limits) const {
    const std::vector<float> feature = to_float({halves.data() + left * kDim, kDim});
    return static_cast<unsigned>(std::popcount(codes[left] ^ codes[right])) <= limits.max_distance &&
           dot(feature, halves.data() + right * kDim) >= limits.min_cosine;
  }

  // The definition, over all pairs.
  std::vector<std::vector<std::size_t>> groups(const DuplicateLimits& limits) const {
    std::vector<bool> grouped(ids.size());
    std::vector<std::vector<std::size_t>> result;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      if (grouped[i]) continue;
      std::vector<std::size_t> group = {i};
      for (std::size_t j = 0; j < ids.size(); ++j) {
        if (j != i && !grouped[j] && within(i, j, limits)) group.push_back(j);
      }
      if (group.size() < 2) continue;
      for (const std::size_t member : group) grouped[member] = true;
      result.push_back(group);
    }
    return result;
  }
};

std::vector<std::vector<std::size_t>> found_groups(const DuplicateRows& rows, const DuplicateLimits& limits,
                                                   unsigned num_threads) {
  std::vector<std::vector<std::size_t>> result;
  CHECK(group_duplicates(
      rows, limits, num_threads,
      [&](std::span<const std::size_t> group) { result.emplace_back(group.begin(), group.end()); }, {}));
  return result;
}

}  // namespace

TEST_CASE("groups are those of the definition, for any number of threads") {
  for (const unsigned seed : {1u, 2u, 3u}) {
    const TestRows test(3000, 400, seed);
    const DuplicateLimits limits{.max_distance = 12, .min_cosine = 0.9, .target_recall = 1};
    const auto expected = test.groups(limits);
    REQUIRE(expected.size() > 100);
    CHECK(found_groups(test.rows(), limits, 1) == expected);
    CHECK(found_groups(test.rows(), limits, 3) == expected);
  }
}

TEST_CASE("one picture many times is one group") {
  TestRows test(1, 1, 5);
  for (std::size_t i = 1; i < 5000; ++i) {
    test.ids.push_back(7 + 3 * i);
    test.codes.push_back(test.codes[0]);
    test.halves.insert(test.halves.end(), test.halves.begin(), test.halves.begin() + kDim);
    test.index.upsert(test.ids.back(), std::as_bytes(std::span(&test.codes[0], 1)));
  }
  const auto groups =
      found_groups(test.rows(), {.max_distance = 0, .min_cosine = 0.999, .target_recall = 1}, 2);
  REQUIRE(groups.size() == 1);
  CHECK(groups[0].size() == 5000);
}

TEST_CASE("what is not confirmed is no duplicate") {
  const TestRows test(1000, 100, 4);
  const DuplicateLimits limits{.max_distance = 12, .min_cosine = 0.9, .target_recall = 1};
  DuplicateRows rows = test.rows();
  rows.confirm = [](std::size_t left, std::size_t right) { return left % 2 == right % 2; };
  const auto groups = found_groups(rows, limits, 2);
  REQUIRE_FALSE(groups.empty());
  std::set<std::size_t> seen;
  for (const auto& group : groups) {
    for (const std::size_t member : group) {
      CHECK(member % 2 == group[0] % 2);
      CHECK(seen.insert(member).second);
    }
  }
}

TEST_CASE("nothing to find, nothing to search, and an end on request") {
  const TestRows test(200, 200, 6);
  CHECK(found_groups(test.rows(), {.max_distance = 0, .min_cosine = 1.1, .target_recall = 1}, 2).empty());
  const HammingIndex empty({.code_bits = kDim});
  CHECK(found_groups({empty, {}, kDim, nullptr}, {.max_distance = 5}, 2).empty());
  CHECK_FALSE(group_duplicates(
      test.rows(), {.max_distance = 5}, 1, [](std::span<const std::size_t>) {},
      [](std::size_t) { return false; }));
}

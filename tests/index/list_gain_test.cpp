// SPDX-License-Identifier: MIT
#include "index/list_gain.h"

#include <catch2/catch.hpp>

using namespace vitrine::index;

namespace {

constexpr std::size_t kBits = 512;

// Queries whose k-th row is `kth` away find rows in the lists up to `last_useful`, and none beyond.
void add_queries(ListGain& gain, std::size_t kth, std::size_t last_useful) {
  for (std::size_t distance = 0; distance <= kBits; ++distance) {
    gain.add(kth, distance, 10, distance <= last_useful ? 20 : 0);
  }
}

}  // namespace

TEST_CASE("lists are visited as far as they hold what is asked for") {
  ListGain gain(kBits);
  add_queries(gain, 100, 183);
  gain.finish();
  const StopRule rule = gain.rule(1);
  CHECK(rule.max_distance(100) >= 183);
  CHECK(rule.max_distance(100) < 183 + 8);
  CHECK(gain.rule(3).max_distance(100) == 0);
}

TEST_CASE("where no query was, margins lie between those of the ranges around") {
  ListGain gain(kBits);
  add_queries(gain, 0, 143);
  add_queries(gain, 160, 203);
  gain.finish();
  const StopRule rule = gain.rule(1);
  const int near = rule.max_distance(0);
  const int far = rule.max_distance(160) - 160;
  CHECK(near >= 143);
  CHECK(far >= 43);
  CHECK(rule.max_distance(80) - 80 == Approx((near + far) / 2.0).margin(4));
  CHECK(rule.max_distance(40) - 40 == Approx((3 * near + far) / 4.0).margin(4));
  // Beyond the last one, its margin.
  CHECK(rule.max_distance(300) - 300 == far);
}

TEST_CASE("without a query all lists are visited") {
  ListGain gain(kBits);
  gain.finish();
  CHECK(gain.rule(1).max_distance(0) == kBits);
}

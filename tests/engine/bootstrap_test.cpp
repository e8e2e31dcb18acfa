// SPDX-License-Identifier: MIT
#include "engine/bootstrap.h"

#include <catch2/catch.hpp>
#include <vector>

using namespace vitrine::engine;

TEST_CASE("percentiles take the nearest rank") {
  CHECK(percentile({}, 0.5) == 0);
  CHECK(percentile({3}, 0.95) == 3);
  CHECK(percentile({4, 1, 3, 2}, 0.5) == 2);
  CHECK(percentile({4, 1, 3, 2}, 0.95) == 4);
  CHECK(percentile({4, 1, 3, 2}, 0) == 1);
}

TEST_CASE("a bootstrap interval surrounds the share as the normal approximation says") {
  std::vector<bool> values(400, false);
  for (std::size_t i = 0; i < 100; ++i) values[i] = true;
  const vitrine::Share share = bootstrap_share(values, 1000, 1);
  CHECK(share.value == 0.25);
  CHECK(share.low == Approx(0.25 - 1.96 * 0.0217).margin(0.006));
  CHECK(share.high == Approx(0.25 + 1.96 * 0.0217).margin(0.006));
}

TEST_CASE("equal seeds give equal intervals, and certain shares have no width") {
  const std::vector<bool> mixed = {true, false, true, true, false, false, true, true};
  CHECK(bootstrap_share(mixed, 500, 3).low == bootstrap_share(mixed, 500, 3).low);
  const vitrine::Share all = bootstrap_share({true, true, true}, 100, 1);
  CHECK(all.low == 1);
  CHECK(all.high == 1);
  const vitrine::Share none = bootstrap_share({}, 100, 1);
  CHECK(none.value == 0);
}

TEST_CASE("the interval of a mean is that of the normal approximation") {
  std::vector<double> values;
  for (int i = 0; i < 400; ++i) values.push_back(i % 2 == 0 ? 1.0 : 3.0);  // mean 2, deviation 1
  const vitrine::Share mean = bootstrap_mean(values, 1000, 1);
  CHECK(mean.value == 2);
  CHECK(mean.low == Approx(2 - 1.96 * 0.05).margin(0.015));
  CHECK(mean.high == Approx(2 + 1.96 * 0.05).margin(0.015));
  CHECK(bootstrap_mean(values, 1000, 1).low == mean.low);
  CHECK(bootstrap_mean({}, 100, 1).high == 0);
}

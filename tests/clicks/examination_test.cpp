// SPDX-License-Identifier: MIT
#include "clicks/examination.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

namespace vitrine::clicks {

TEST_CASE("examination is found although the first positions hold more attractive items") {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> uniform;
  std::vector<Impression> impressions;
  for (int view = 0; view < 20'000; ++view) {
    std::vector<double> distances(8);
    for (double& distance : distances) distance = uniform(random);
    std::sort(distances.begin(), distances.end());  // a search engine puts the nearest first
    double examined = 1;
    for (std::size_t i = 0; i < distances.size(); ++i) {
      const bool looks = uniform(random) < examined;
      impressions.push_back({i + 1, distances[i], looks && uniform(random) < 0.8 * (1 - distances[i])});
      examined *= 0.8;
    }
  }
  const std::vector<double> examination = estimate_examination(impressions);
  REQUIRE(examination.size() == 8);
  double expected = 1;
  for (const double share : examination) {
    CHECK(share == Approx(expected).margin(0.06));
    expected *= 0.8;
  }
}

TEST_CASE("positions that were hardly shown take over their predecessor's examination") {
  std::vector<Impression> impressions;
  for (int i = 0; i < 100; ++i) impressions.push_back({1, 0.1 * i, i % 2 == 0});
  impressions.push_back({2, 0.5, false});
  impressions.push_back({1'000'000'000, 0.5, true});
  const std::vector<double> examination = estimate_examination(impressions);
  REQUIRE(examination.size() == kLastPosition);
  CHECK(examination.front() == Approx(1));
  CHECK(examination.back() == Approx(1));
  CHECK(estimate_examination({}).empty());
}

}  // namespace vitrine::clicks

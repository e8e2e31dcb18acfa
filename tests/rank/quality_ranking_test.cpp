// SPDX-License-Identifier: MIT
#include "vitrine/quality_ranking.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

#include "vitrine/error.h"

using namespace vitrine;

TEST_CASE("standings by hand") {
  const double nan = std::nan("");
  const double infinity = std::numeric_limits<double>::infinity();
  using Values = std::vector<std::optional<double>>;
  CHECK(standings(Values{10, 30, 20}) == std::vector<double>{0, 1, 0.5});
  CHECK(standings(Values{5, 5, 7}) == std::vector<double>{0.25, 0.25, 1});
  CHECK(standings(Values{1, std::nullopt, 3, nan, infinity}) == std::vector<double>{0, 0.5, 1, 0.5, 0.5});
  CHECK(standings(Values{4, 4, 4}) == std::vector<double>{0.5, 0.5, 0.5});
  CHECK(standings(Values{4}) == std::vector<double>{0.5});
  CHECK(standings(Values{}).empty());
}

TEST_CASE("quality is a weighted mean in which less can be better") {
  const std::vector<QualityColumn> columns{{"sales", 3}, {"price", -1}};
  CHECK(quality_of(std::vector<double>{1, 0}, columns) == 1);
  CHECK(quality_of(std::vector<double>{0, 1}, columns) == 0);
  CHECK(quality_of(std::vector<double>{0.5, 1}, columns) == Approx(0.375));
}

TEST_CASE("no quality buries a hit that is more alike") {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (const double strength : {0.0, 0.05, 0.3, 1.0}) {
    for (const std::size_t max_fall : {0, 1, 2, 4, 100}) {
      std::vector<double> similarities(60);
      std::vector<double> qualities(60);
      for (double& similarity : similarities) similarity = uniform(random);
      std::sort(similarities.rbegin(), similarities.rend());
      for (double& quality : qualities) quality = uniform(random);
      qualities[0] = 0;
      qualities[7] = 0;
      qualities[8] = 1;
      const auto order = quality_order(similarities, qualities, {.strength = strength, .max_fall = max_fall});
      std::vector<std::size_t> sorted = order;
      std::sort(sorted.begin(), sorted.end());
      for (std::size_t i = 0; i < sorted.size(); ++i) REQUIRE(sorted[i] == i);
      for (std::size_t i = 0; i < order.size(); ++i) {
        if (max_fall > 0) CHECK(i + 1 <= max_fall * (order[i] + 1));
        for (std::size_t j = i + 1; j < order.size(); ++j)
          CHECK(similarities[order[i]] >= similarities[order[j]] - strength);
      }
    }
  }
}

TEST_CASE("hits are ordered by similarity and quality, as far as both bounds allow") {
  const auto order = [](std::vector<double> similarities, std::vector<double> qualities,
                        const QualityRanking& ranking) {
    return quality_order(similarities, qualities, ranking);
  };
  CHECK(order({0.9, 0.88}, {0, 1}, {.strength = 0.05}) == std::vector<std::size_t>{1, 0});
  CHECK(order({0.9, 0.8}, {0, 1}, {.strength = 0.05}) == std::vector<std::size_t>{0, 1});
  CHECK(order({0.9, 0.9, 0.9}, {0.5, 0.5, 0.5}, {.strength = 0.05}) == std::vector<std::size_t>{0, 1, 2});
  CHECK(order({}, {}, {.strength = 0.05}).empty());

  // Everybody buys what is less alike: without a bound by places the order turns round.
  const std::vector<double> similarities{0.9, 0.89, 0.88, 0.87, 0.86, 0.85};
  const std::vector<double> qualities{0, 0.2, 0.4, 0.6, 0.8, 1};
  CHECK(order(similarities, qualities, {.strength = 1, .max_fall = 0}) ==
        std::vector<std::size_t>{5, 4, 3, 2, 1, 0});
  CHECK(order(similarities, qualities, {.strength = 1, .max_fall = 4}) ==
        std::vector<std::size_t>{5, 4, 3, 0, 2, 1});
  CHECK(order(similarities, qualities, {.strength = 1, .max_fall = 2}) ==
        std::vector<std::size_t>{5, 0, 4, 1, 3, 2});
  CHECK(order(similarities, qualities, {.strength = 1, .max_fall = 1}) ==
        std::vector<std::size_t>{0, 1, 2, 3, 4, 5});
}

TEST_CASE("a ranking that cannot be meant is refused") {
  CHECK_NOTHROW(QualityRanking{{{"sales", 1}}}.validate());
  CHECK_THROWS_WITH(QualityRanking{}.validate(), Catch::Contains("no column"));
  CHECK_THROWS_WITH((QualityRanking{{{"sales", 0}}}.validate()), Catch::Contains("weight of 'sales'"));
  CHECK_THROWS_AS((QualityRanking{{{"sales", std::nan("")}}}.validate()), Error);
  CHECK_THROWS_WITH((QualityRanking{{{"sales", 1}}, 1.5}.validate()), Catch::Contains("strength"));
}

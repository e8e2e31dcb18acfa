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

TEST_CASE("no hit is overtaken by one that is less alike by more than the strength") {
  std::mt19937_64 random(3);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (const double strength : {0.0, 0.05, 0.3, 1.0}) {
    std::vector<double> similarities(60);
    std::vector<double> qualities(60);
    for (double& similarity : similarities) similarity = uniform(random);
    for (double& quality : qualities) quality = uniform(random);
    qualities[7] = 0;
    qualities[8] = 1;
    const auto order = quality_order(similarities, qualities, strength);
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = i + 1; j < order.size(); ++j)
        CHECK(similarities[order[i]] >= similarities[order[j]] - strength);
    }
  }
  CHECK(quality_order(std::vector<double>{0.9, 0.88}, std::vector<double>{0, 1}, 0.05) ==
        std::vector<std::size_t>{1, 0});
  CHECK(quality_order(std::vector<double>{0.9, 0.8}, std::vector<double>{0, 1}, 0.05) ==
        std::vector<std::size_t>{0, 1});
  CHECK(quality_order(std::vector<double>{0.9, 0.9, 0.9}, std::vector<double>{0.5, 0.5, 0.5}, 0.05) ==
        std::vector<std::size_t>{0, 1, 2});
}

TEST_CASE("a ranking that cannot be meant is refused") {
  CHECK_NOTHROW(QualityRanking{{{"sales", 1}}}.validate());
  CHECK_THROWS_WITH(QualityRanking{}.validate(), Catch::Contains("no column"));
  CHECK_THROWS_WITH((QualityRanking{{{"sales", 0}}}.validate()), Catch::Contains("weight of 'sales'"));
  CHECK_THROWS_AS((QualityRanking{{{"sales", std::nan("")}}}.validate()), Error);
  CHECK_THROWS_WITH((QualityRanking{{{"sales", 1}}, 1.5}.validate()), Catch::Contains("strength"));
}

// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "vitrine/category.h"

using namespace vitrine;

TEST_CASE("the most probable categories come first, ties by name") {
  const std::vector<double> probabilities = {0.1, 0.3, 0, 0.2, 0.2, 0.2};
  const std::vector<std::string> names = {"a", "b", "never", "e", "f", "d"};
  const auto scores = best_categories(probabilities, names, 4);
  REQUIRE(scores.size() == 4);
  CHECK(scores[0].name == "b");
  CHECK(scores[1].name == "d");
  CHECK(scores[2].name == "e");
  CHECK(scores[3].name == "f");
  CHECK(scores[0].probability == 0.3);
  CHECK(best_categories(probabilities, names, 10).size() == 5);
  CHECK(best_categories({}, {}, 3).empty());
}

TEST_CASE("a level of a path is its first parts") {
  CHECK(category_at_level("Packages/Milk/Oatly", 1) == "Packages");
  CHECK(category_at_level("Packages/Milk/Oatly", 2) == "Packages/Milk");
  CHECK(category_at_level("Packages/Milk/Oatly", 3) == "Packages/Milk/Oatly");
  CHECK(category_at_level("Packages/Milk/Oatly", 9) == "Packages/Milk/Oatly");
  CHECK(category_at_level("Packages/Milk/Oatly", 0) == "Packages/Milk/Oatly");
  CHECK(category_at_level("Fruit", 2) == "Fruit");
  CHECK(category_at_level("", 1).empty());
  CHECK(category_at_level("/a", 1).empty());
}

TEST_CASE("probabilities add up along the path") {
  const std::vector<double> probabilities = {0.3, 0.25, 0.25, 0.2};
  const std::vector<std::string> names = {"Fruit/Apple", "Packages/Milk/Arla", "Packages/Milk/Oatly",
                                          "Packages/Juice"};
  const auto leaves = best_categories_at_level(probabilities, names, 0, 5);
  REQUIRE(leaves.size() == 4);
  CHECK(leaves[0].name == "Fruit/Apple");
  const auto second = best_categories_at_level(probabilities, names, 2, 5);
  REQUIRE(second.size() == 3);
  CHECK(second[0].name == "Packages/Milk");
  CHECK(second[0].probability == Approx(0.5));
  const auto top = best_categories_at_level(probabilities, names, 1, 1);
  REQUIRE(top.size() == 1);
  CHECK(top[0].name == "Packages");
  CHECK(top[0].probability == Approx(0.7));
}

TEST_CASE("the fewest categories of a mass") {
  const std::vector<double> probabilities = {0.1, 0.5, 0, 0.25, 0.15};
  using Indices = std::vector<std::size_t>;
  CHECK(fewest_categories(probabilities, 0.5) == Indices{1});
  CHECK(fewest_categories(probabilities, 0.6) == Indices{1, 3});
  CHECK(fewest_categories(probabilities, 0.76) == Indices{1, 3, 4});
  CHECK(fewest_categories(probabilities, 1) == Indices{1, 3, 4, 0});
  CHECK(fewest_categories(probabilities, 0) == Indices{1});
  CHECK(fewest_categories(std::vector<double>{0.5, 0.5}, 0.4) == Indices{0});
  CHECK(fewest_categories(std::vector<double>{0, 0}, 0.9).empty());
  CHECK(fewest_categories({}, 0.9).empty());
}

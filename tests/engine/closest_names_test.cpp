// SPDX-License-Identifier: MIT
#include "engine/closest_names.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

using vitrine::engine::closest_names;
using vitrine::engine::edit_distance;

TEST_CASE("edit distance counts insertions, deletions and replacements") {
  CHECK(edit_distance("", "") == 0);
  CHECK(edit_distance("", "abc") == 3);
  CHECK(edit_distance("kitten", "sitting") == 3);
  CHECK(edit_distance("shirts", "shrts") == 1);
  CHECK(edit_distance("Shoes", "shoes") == 0);
}

TEST_CASE("closest names come first and empty names never") {
  const std::vector<std::string> names = {"", "skirts", "bags", "shirts", "shorts"};
  CHECK(closest_names("shrts", names, 2) == std::vector<std::string>{"shirts", "shorts"});
  CHECK(closest_names("x", {}, 2).empty());
  CHECK(closest_names("x", names, 9).size() == 4);
}

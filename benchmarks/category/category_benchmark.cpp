// SPDX-License-Identifier: MIT
// The figures of docs/categories.md: how well categories are predicted, and what that does to searches. LISTS
// is a folder made by scripts/training-lists.
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "category/experiments.h"
#include "vitrine/error.h"

int main(int argc, char** argv) {
  using namespace vitrine;
  const std::vector<std::string> words(argv + 1, argv + argc);
  try {
    if ((words.size() == 4 || words.size() == 5) && words[0] == "accuracy") {
      const auto other = words.size() == 5 ? load_embedder(words[4]) : nullptr;
      benchmarks::print_accuracies(*load_embedder(words[2]), words[1], words[3], other.get());
      return 0;
    }
    if (words.size() == 5 && words[0] == "search") {
      benchmarks::print_effects_on_search(words[2], words[1], words[3], std::stoul(words[4]));
      return 0;
    }
  } catch (const std::exception& error) {
    std::cerr << "vitrine-category-benchmark: " << error.what() << "\n";
    return 3;
  }
  std::cerr << "usage: vitrine-category-benchmark accuracy LISTS MODEL PLOTS [OTHER_MODEL]\n"
               "       vitrine-category-benchmark search LISTS MODEL CATALOG ITEMS\n"
               "PLOTS is a folder for two SVG files. CATALOG is made if it does not exist.\n";
  return 2;
}

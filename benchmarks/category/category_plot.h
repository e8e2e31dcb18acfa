// SPDX-License-Identifier: MIT
#pragma once
// The two pictures of docs/categories.md, as SVG. Both throw kIo.
#include <filesystem>
#include <string>
#include <vector>

#include "vitrine/category.h"

namespace vitrine::benchmarks {

struct AlphaCurve {
  std::string name;
  std::vector<double> accuracies;  // from alpha 0 (the search alone) to 1 (the model alone), evenly spaced
};
void write_alpha_plot(const std::filesystem::path& file, const std::vector<AlphaCurve>& curves);

// How often answers are right against how sure they are, with the number of answers as a bar below.
void write_reliability_plot(const std::filesystem::path& file, const std::vector<ReliabilityBin>& bins);

}  // namespace vitrine::benchmarks

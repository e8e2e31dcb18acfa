// SPDX-License-Identifier: MIT
#pragma once
/// Float features in a file of the `.fvecs` form: for each row its dimension as a little-endian 32-bit
/// integer, then as many floats.
#include <cstddef>
#include <filesystem>
#include <vector>

namespace vitrine::benchmarks {

struct FeatureTable {
  std::size_t dim = 0;
  std::vector<float> values;  ///< `[size(), dim]`
  std::size_t size() const { return dim == 0 ? 0 : values.size() / dim; }
};

/// Throws kIo, or kCorrupt if the rows do not have one dimension or the last one is cut short.
FeatureTable read_features(const std::filesystem::path& file);
void write_features(const std::filesystem::path& file, const FeatureTable& features);

}  // namespace vitrine::benchmarks

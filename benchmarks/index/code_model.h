// SPDX-License-Identifier: MIT
#pragma once
/// From what the codes of a data set are drawn. A code is the signs of anchor + noise, both already carried
/// through the data set's projection to one number a bit; a query is a row with more noise.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace vitrine::benchmarks {

/// A linear map from independent standard normal numbers to one number a bit.
struct NoiseMap {
  std::size_t dims = 0;       ///< normal numbers a row takes
  std::vector<float> matrix;  ///< `[dims, bits]`, or `[bits]` if `diagonal`
  bool diagonal = false;      ///< number i goes to bit i alone; dims = bits
};

struct CodeModel {
  std::string name;
  std::size_t bits = 0;
  std::uint64_t seed = 0;
  std::vector<float> anchors{};  ///< `[num_anchors, bits]`
  /// `[num_anchors]`, ascending to 1: the share of rows whose anchor comes no later. Empty: row r takes
  /// anchor r mod num_anchors, and the first rows are the anchors themselves.
  std::vector<double> cumulative_share{};
  NoiseMap row_noise{};
  NoiseMap query_noise{};

  std::size_t num_anchors() const { return anchors.size() / bits; }
};

/// Products in categories: 10,000 clusters of log-normal sizes (sigma 0.8) around centres that are 0.6 times
/// one of 200 category centres plus 0.8 times a centre of their own, in 128 dimensions; inside a cluster 0.75
/// times a Gaussian of axis scales (j + 1)^-0.3 in one shared random rotation; queries with noise of 0.30 a
/// dimension. Bits are the signs of one Gaussian projection.
CodeModel clustered_model(std::size_t bits, std::uint64_t seed);

/// Nothing to cluster: one Gaussian in 128 dimensions of axis scales (j + 1)^-0.35; queries with noise of
/// 0.25 a dimension. Bits are the signs of one Gaussian projection.
CodeModel hard_model(std::size_t bits, std::uint64_t seed);

/// Features of a network, `[n, dim]`, made more by noise: rows beyond n repeat them with noise of half a
/// dimension's standard deviation; queries with 0.3 of it. Bits are the signs of the first dim / 64 * 64
/// dimensions.
CodeModel real_model(const std::vector<float>& features, std::size_t dim, std::uint64_t seed);

}  // namespace vitrine::benchmarks

// SPDX-License-Identifier: MIT
#pragma once
/// Iterative quantisation: Gong and Lazebnik, "Iterative Quantization: A Procrustean Approach to Learning
/// Binary Codes", CVPR 2011, section 3. The only place that needs Eigen.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vitrine::index {

struct ItqResult {
  std::vector<float> mean;        ///< `[dim]`
  std::vector<float> projection;  ///< `[code_bits, dim]`, orthonormal rows: principal components, rotated
  /// Mean over the rows of |signs - rotated components|^2 after each round, the components scaled so that the
  /// largest deviation of a feature is 1; never rises.
  std::vector<double> errors;
};

/// `features` `[n, dim]`, finite, n >= 1; code_bits <= dim.
ItqResult train_itq(std::span<const float> features, std::size_t dim, std::size_t code_bits, int iterations,
                    std::uint64_t seed);

}  // namespace vitrine::index

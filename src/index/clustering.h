// SPDX-License-Identifier: MIT
#pragma once
/// Centroids of binary codes: k-majority, the k-means of Hamming space (a centroid has each bit that most of
/// its codes have; Grana et al.: A fast approach for integrating ORB descriptors in the bag of words model,
/// 2013). Many centroids are trained in two levels, so that a code is compared with about 2 sqrt(k) of them.
/// Equal inputs give equal centroids, whatever the number of threads.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "hamming/kernel.h"

namespace vitrine::index {

struct ClusteringOptions {
  std::size_t num_centroids = 1;
  std::uint64_t seed = 1;
  std::size_t num_threads = 1;
};

/// At most `num_centroids` distinct centroids, `[n, words]`, of `codes`, `[m, words]` with m of at least 1.
std::vector<std::uint64_t> train_centroids(const hamming::Kernel& kernel,
                                           std::span<const std::uint64_t> codes, std::size_t words,
                                           const ClusteringOptions& options);

/// The nearest of `centroids` for each code, by comparing all.
std::vector<std::uint32_t> assign_all(const hamming::Kernel& kernel, std::span<const std::uint64_t> codes,
                                      std::span<const std::uint64_t> centroids, std::size_t words,
                                      std::size_t num_threads);

/// Replaces each centroid by the majority of the codes that `assigned` gives it; those without one stay.
void update_centroids(std::span<const std::uint64_t> codes, std::span<const std::uint32_t> assigned,
                      std::size_t words, std::span<std::uint64_t> centroids);

}  // namespace vitrine::index

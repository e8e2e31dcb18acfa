// SPDX-License-Identifier: MIT
#pragma once
// How sure one can be that one answer is better than another one on the same questions (Efron 1979).
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vitrine::benchmarks {

struct Interval {
  double value = 0;
  double low = 0;   // 2.5th percentile of the resamples
  double high = 0;  // 97.5th
};

// Mean of the values, one a query.
Interval bootstrap_mean(const std::vector<double>& values, std::size_t num_resamples, std::uint64_t seed);

// Mean of the differences, query by query.
Interval bootstrap_lead(const std::vector<bool>& ahead, const std::vector<bool>& behind,
                        std::size_t num_resamples, std::uint64_t seed);

}  // namespace vitrine::benchmarks

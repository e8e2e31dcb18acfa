// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <vector>

#include "vitrine/evaluate.h"

namespace vitrine::engine {

/// Share of true values with the interval between the 2.5th and 97.5th percentile of the shares of
/// `num_resamples` samples drawn with replacement. All zero for no values.
Share bootstrap_share(const std::vector<bool>& values, std::size_t num_resamples, std::uint64_t seed);

/// Mean of the values, likewise. Equal seeds and numbers of values draw equal samples, so that differences of
/// paired values may be given.
Share bootstrap_mean(const std::vector<double>& values, std::size_t num_resamples, std::uint64_t seed);

/// The value below which a share `quantile` of the values lies (nearest rank); 0 for no values.
double percentile(std::vector<double> values, double quantile);

}  // namespace vitrine::engine

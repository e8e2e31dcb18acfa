// SPDX-License-Identifier: MIT
#pragma once
// How sure one can be that one answer is better than another one on the same questions (Efron 1979).
#include <cstddef>
#include <cstdint>
#include <vector>

#include "vitrine/evaluate.h"

namespace vitrine::benchmarks {

// Mean of the differences, query by query, with its 95 % interval.
Share bootstrap_lead(const std::vector<bool>& ahead, const std::vector<bool>& behind,
                     std::size_t num_resamples, std::uint64_t seed);

}  // namespace vitrine::benchmarks

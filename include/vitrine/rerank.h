// SPDX-License-Identifier: MIT
#pragma once
/// Exact order for the few candidates that a Hamming search returns: cosine similarity on half-precision
/// features. Pure functions; may run concurrently.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vitrine {

/// IEEE 754 binary16, stored as its bits.
using Half = std::uint16_t;

/// Converts with round to nearest even; values beyond the range become infinities, NaN stays NaN.
std::vector<Half> to_half(std::span<const float> values);
std::vector<float> to_float(std::span<const Half> values);

struct RankedCandidate {
  std::size_t candidate_index = 0;  ///< position in the caller's candidate list
  float cosine = 0;                 ///< in [-1, 1] for L2-normalised input
};

/// Orders candidates by descending cosine with `query` (ties: lower index first) and keeps the best k.
///
/// `query` is an L2-normalised feature `[dim]`; `candidates[i]` points to `[dim]` halves, L2-normalised
/// before rounding. A candidate with a null pointer is left out; one whose cosine is not a number comes last.
/// Cost O(n dim + n log k).
std::vector<RankedCandidate> rerank_by_cosine(std::span<const float> query,
                                              std::span<const Half* const> candidates, std::size_t k);

/// Dot product of a float and a half vector of the same length with the fastest kernel of this machine.
float dot(std::span<const float> query, const Half* row);

}  // namespace vitrine

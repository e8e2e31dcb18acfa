// SPDX-License-Identifier: MIT
#pragma once
/// Re-ranking by features of eight bits a number, for hosts that keep many of them in memory: half the bytes
/// of halves, and half the time where rows are cold. Nearly the order by cosine; the exact order of the best
/// is one more step. Pure functions; may run concurrently.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "vitrine/rerank.h"

namespace vitrine {

/// Rounds to round(127 x / max |x|), -127 to 127. How long the feature was is forgotten, its direction is
/// kept. All zero for a feature of zeros; a number that is not finite gives numbers without meaning.
/// kInvalidArgument if there is not the same number of `numbers`, or of more than 65536.
void to_int8(std::span<const float> values, std::span<std::int8_t> numbers);

/// Orders candidates by descending cosine of the rounded features (ties: lower index first) and keeps the
/// best k. For 512 numbers a cosine is off by about 0.0003.
///
/// `query` is a feature `[dim]`; `candidates[i]` points to `[dim]` numbers of `to_int8`, or is null and left
/// out. A cosine with zeros alone is 0. Cost O(n dim + k log k), at 512 bytes a candidate of 512 numbers.
std::vector<RankedCandidate> rerank_by_int8(std::span<const float> query,
                                            std::span<const std::int8_t* const> candidates, std::size_t k);

/// Of the `num_again` best candidates by `rerank_by_int8` the best k by `rerank_by_cosine`, with its cosines:
/// their exact order at little more than the cost of the first. `halves[i]` is the same candidate as
/// `numbers[i]`. kInvalidArgument if there is not the same number of both.
std::vector<RankedCandidate> rerank_by_int8_then_cosine(std::span<const float> query,
                                                        std::span<const std::int8_t* const> numbers,
                                                        std::span<const Half* const> halves, std::size_t k,
                                                        std::size_t num_again = 40);

}  // namespace vitrine

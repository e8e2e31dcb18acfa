// SPDX-License-Identifier: MIT
#pragma once
/// What every index is measured against: a plain scan of all rows, one code after another, with the popcount
/// of this machine's processor and a heap of the k nearest; and the speed at which the machine reads memory.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/code_array.h"
#include "vitrine/hamming_index.h"

namespace vitrine::benchmarks {

/// The k nearest rows (ids are row numbers), by distance, then row. `live` `[n]` leaves out rows of which it
/// is zero; empty: none.
std::vector<Neighbor> reference_nearest(const CodeArray& codes, std::span<const std::byte> query,
                                        std::size_t k, std::span<const std::uint8_t> live = {});

std::uint32_t hamming_distance(std::span<const std::byte> a, std::span<const std::byte> b);

/// Bytes a second at which one thread reads all codes, adding them up: the best of several passes.
double read_bandwidth(const CodeArray& codes);

}  // namespace vitrine::benchmarks

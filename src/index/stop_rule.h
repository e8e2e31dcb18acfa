// SPDX-License-Identifier: MIT
#pragma once
/// When a search through lists stops: at the first list whose centroid is farther than the k-th neighbour so
/// far by more than a margin. The margin depends on how far that neighbour is: where it is far, neighbours
/// are strewn over many lists, and looking for the last of them is not worth its cost.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace vitrine::index {

struct StopRule {
  static constexpr std::size_t kNumRanges = 65;

  std::size_t code_bits = 64;
  std::array<std::int16_t, kNumRanges> margins{};  // by range of the k-th distance

  static std::size_t range(std::size_t distance, std::size_t code_bits) {
    return distance * (kNumRanges - 1) / code_bits;
  }
  /// Lists are visited up to this distance of their centroid.
  std::uint16_t max_distance(std::uint16_t kth_distance) const {
    const int sum = kth_distance + margins[range(kth_distance, code_bits)];
    return static_cast<std::uint16_t>(std::clamp(sum, 0, static_cast<int>(code_bits)));
  }
};

}  // namespace vitrine::index

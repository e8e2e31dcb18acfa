// SPDX-License-Identifier: MIT
#pragma once
/// The k-th smallest of a stream of distances: a histogram gives it at once, where a heap costs O(log k) a
/// distance.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vitrine::index {

class KthDistance {
 public:
  /// No distance is larger than `max_distance`; with k = 0 the limit stays there.
  KthDistance(std::size_t k, std::uint32_t max_distance)
      : k_(k),
        limit_(static_cast<std::uint16_t>(max_distance)),
        histogram_(k == 0 ? 0 : std::size_t{max_distance} + 1) {}

  /// The k-th smallest distance so far, or the largest possible one.
  std::uint16_t limit() const { return limit_; }
  bool is_full() const { return k_ != 0 && num_within_ >= k_; }

  /// Adds a distance of at most `limit()`; returns whether the limit fell.
  bool add(std::uint16_t distance) {
    if (k_ == 0) return false;
    ++histogram_[distance];
    ++num_within_;
    bool fell = false;
    while (num_within_ - histogram_[limit_] >= k_) {
      num_within_ -= histogram_[limit_];
      --limit_;
      fell = true;
    }
    return fell;
  }

  /// Forgets distances that equal the limit until there are `k`.
  void forget_ties() {
    histogram_[limit_] -= static_cast<std::uint32_t>(num_within_ - k_);
    num_within_ = k_;
  }

 private:
  std::size_t k_;
  std::uint16_t limit_;
  std::size_t num_within_ = 0;            // distances up to the limit
  std::vector<std::uint32_t> histogram_;  // of these
};

}  // namespace vitrine::index

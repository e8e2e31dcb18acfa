// SPDX-License-Identifier: MIT
#pragma once
/// A random order of the bits of a code. The coarse filter judges a code by its first bits; in learned codes
/// neighbouring bits are related, so the first ones must be drawn from everywhere. Only the first bits are
/// exchanged with others: the order of the rest is of no use.
#include <cstddef>
#include <cstdint>
#include <vector>

namespace vitrine::index {

class BitPermutation {
 public:
  /// Exchanges each of the first `num_drawn_bits` with a random one of those not drawn before it.
  BitPermutation(std::size_t code_bits, std::size_t num_drawn_bits, std::uint64_t seed);

  void apply(std::uint64_t* code) const;
  void invert(std::uint64_t* code) const;

 private:
  std::vector<std::uint16_t> partners_;  // bit i is exchanged with partners_[i], in ascending order of i
};

}  // namespace vitrine::index

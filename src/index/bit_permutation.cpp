// SPDX-License-Identifier: MIT
#include "index/bit_permutation.h"

#include <random>

namespace vitrine::index {
namespace {

void exchange(std::uint64_t* code, std::size_t left, std::size_t right) {
  std::uint64_t& left_word = code[left / 64];
  std::uint64_t& right_word = code[right / 64];
  const std::uint64_t differ = ((left_word >> (left % 64)) ^ (right_word >> (right % 64))) & 1;
  left_word ^= differ << (left % 64);
  right_word ^= differ << (right % 64);
}

}  // namespace

BitPermutation::BitPermutation(std::size_t code_bits, std::size_t num_drawn_bits, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (std::size_t bit = 0; bit < num_drawn_bits; ++bit) {
    // Not a standard distribution: these differ between standard libraries, and files keep permuted codes.
    partners_.push_back(static_cast<std::uint16_t>(bit + random() % (code_bits - bit)));
  }
}

void BitPermutation::apply(std::uint64_t* code) const {
  for (std::size_t bit = 0; bit < partners_.size(); ++bit) exchange(code, bit, partners_[bit]);
}

void BitPermutation::invert(std::uint64_t* code) const {
  for (std::size_t bit = partners_.size(); bit-- > 0;) exchange(code, bit, partners_[bit]);
}

}  // namespace vitrine::index

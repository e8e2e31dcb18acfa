// SPDX-License-Identifier: MIT
#pragma once
/// Codes for the tests of the index.
#include <cstddef>
#include <random>
#include <vector>

namespace vitrine::test {

using Code = std::vector<std::byte>;

inline Code random_code(std::mt19937_64& random, std::size_t num_bytes) {
  Code code(num_bytes);
  for (std::byte& byte : code) byte = static_cast<std::byte>(random());
  return code;
}

/// A code whose first `num_ones` bits are set: so far from the zero code.
inline Code code_with_ones(std::size_t num_bytes, std::size_t num_ones) {
  Code code(num_bytes);
  for (std::size_t bit = 0; bit < num_ones; ++bit) code[bit / 8] |= std::byte{1} << (bit % 8);
  return code;
}

}  // namespace vitrine::test

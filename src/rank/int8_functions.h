// SPDX-License-Identifier: MIT
#pragma once
/// Sums of products of rows of eight-bit numbers, one implementation an instruction set. As in
/// half_functions.h, these files exchange raw pointers and sizes only. Numbers are -127 to 127 and at most
/// 65536, so that no sum leaves 32 bits.
#include <cstddef>
#include <cstdint>

namespace vitrine::rank {

struct Int8Sums {
  std::int32_t products = 0;  ///< of query and row
  std::int32_t squares = 0;   ///< of the row
};
/// Exact.
using Int8SumsFunction = Int8Sums (*)(const std::int8_t* query, const std::int8_t* row, std::size_t size);

Int8Sums int8_sums_scalar(const std::int8_t* query, const std::int8_t* row, std::size_t size);
Int8Sums int8_sums_avx2(const std::int8_t* query, const std::int8_t* row, std::size_t size);
Int8Sums int8_sums_vnni(const std::int8_t* query, const std::int8_t* row, std::size_t size);
Int8Sums int8_sums_neon(const std::int8_t* query, const std::int8_t* row, std::size_t size);

}  // namespace vitrine::rank

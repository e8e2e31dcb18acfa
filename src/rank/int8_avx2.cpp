// SPDX-License-Identifier: MIT
// Built with AVX2.
#include <immintrin.h>

#include <cstring>

#include "rank/int8_functions.h"

namespace vitrine::rank {
namespace {

constexpr std::size_t kLanes = 32;

__m256i load(const std::int8_t* numbers) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(numbers));
}

// The instruction multiplies unsigned by signed numbers and adds pairs: 2 x 127 x 127 still fits.
__m256i add_products(__m256i sums, __m256i magnitudes, __m256i numbers) {
  const __m256i pairs = _mm256_maddubs_epi16(magnitudes, numbers);
  return _mm256_add_epi32(sums, _mm256_madd_epi16(pairs, _mm256_set1_epi16(1)));
}

std::int32_t sum_lanes(__m256i lanes) {
  const __m128i four = _mm_add_epi32(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  const __m128i two = _mm_add_epi32(four, _mm_shuffle_epi32(four, 0x4e));
  return _mm_cvtsi128_si32(_mm_add_epi32(two, _mm_shuffle_epi32(two, 0xb1)));
}

struct Lanes {
  __m256i products = _mm256_setzero_si256();
  __m256i squares = _mm256_setzero_si256();

  void add(__m256i query, __m256i row) {
    const __m256i magnitudes = _mm256_abs_epi8(row);
    products = add_products(products, magnitudes, _mm256_sign_epi8(query, row));
    squares = add_products(squares, magnitudes, magnitudes);
  }
};

}  // namespace

Int8Sums int8_sums_avx2(const std::int8_t* query, const std::int8_t* row, std::size_t size) {
  Lanes lanes;
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) lanes.add(load(query + i), load(row + i));
  if (i < size) {
    std::int8_t last_query[kLanes] = {};
    std::int8_t last_row[kLanes] = {};
    std::memcpy(last_query, query + i, size - i);
    std::memcpy(last_row, row + i, size - i);
    lanes.add(load(last_query), load(last_row));
  }
  return {sum_lanes(lanes.products), sum_lanes(lanes.squares)};
}

}  // namespace vitrine::rank

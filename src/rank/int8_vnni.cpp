// SPDX-License-Identifier: MIT
// Built with AVX-512 BW and VNNI.
#include <immintrin.h>

#include "rank/int8_functions.h"

namespace vitrine::rank {
namespace {

constexpr std::size_t kLanes = 64;

struct Lanes {
  __m512i products = _mm512_setzero_si512();
  __m512i squares = _mm512_setzero_si512();

  // The instruction multiplies unsigned by signed numbers: the row's signs go to the query.
  void add(__m512i query, __m512i row) {
    const __m512i magnitudes = _mm512_abs_epi8(row);
    const __m512i turned =
        _mm512_mask_sub_epi8(query, _mm512_movepi8_mask(row), _mm512_setzero_si512(), query);
    products = _mm512_dpbusd_epi32(products, magnitudes, turned);
    squares = _mm512_dpbusd_epi32(squares, magnitudes, magnitudes);
  }
};

__m256i halves_added(__m512i lanes) {
  return _mm256_add_epi32(_mm512_castsi512_si256(lanes), _mm512_extracti64x4_epi64(lanes, 1));
}

// Both sums at once: a row is so short that adding up lanes takes a good part of its time.
Int8Sums sum_lanes(const Lanes& lanes) {
  const __m256i pairs = _mm256_hadd_epi32(halves_added(lanes.products), halves_added(lanes.squares));
  const __m128i quarters = _mm_add_epi32(_mm256_castsi256_si128(pairs), _mm256_extracti128_si256(pairs, 1));
  const __m128i sums = _mm_hadd_epi32(quarters, quarters);
  return {_mm_cvtsi128_si32(sums), _mm_extract_epi32(sums, 1)};
}

}  // namespace

Int8Sums int8_sums_vnni(const std::int8_t* query, const std::int8_t* row, std::size_t size) {
  Lanes lanes;
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes)
    lanes.add(_mm512_loadu_si512(query + i), _mm512_loadu_si512(row + i));
  if (i < size) {
    const __mmask64 rest = ~std::uint64_t{0} >> (kLanes - (size - i));
    lanes.add(_mm512_maskz_loadu_epi8(rest, query + i), _mm512_maskz_loadu_epi8(rest, row + i));
  }
  return sum_lanes(lanes);
}

}  // namespace vitrine::rank

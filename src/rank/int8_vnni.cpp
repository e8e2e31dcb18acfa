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
  return {_mm512_reduce_add_epi32(lanes.products), _mm512_reduce_add_epi32(lanes.squares)};
}

}  // namespace vitrine::rank

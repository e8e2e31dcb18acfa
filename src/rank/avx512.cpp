// SPDX-License-Identifier: MIT
// Built with AVX-512F.
#include <immintrin.h>

#include <cstring>

#include "rank/half_functions.h"

namespace vitrine::rank {
namespace {

constexpr std::size_t kLanes = 16;
// Enough independent sums to hide the latency of the fused multiply-add.
constexpr std::size_t kSums = 4;

__m512 load_row(const std::uint16_t* row) {
  return _mm512_cvtph_ps(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(row)));
}

}  // namespace

float dot_avx512(const float* query, const std::uint16_t* row, std::size_t size) {
  __m512 sums[kSums];
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  std::size_t i = 0;
  for (; i + kSums * kLanes <= size; i += kSums * kLanes) {
    for (std::size_t s = 0; s < kSums; ++s) {
      const std::size_t at = i + s * kLanes;
      sums[s] = _mm512_fmadd_ps(_mm512_loadu_ps(query + at), load_row(row + at), sums[s]);
    }
  }
  for (; i + kLanes <= size; i += kLanes) {
    sums[0] = _mm512_fmadd_ps(_mm512_loadu_ps(query + i), load_row(row + i), sums[0]);
  }
  if (i < size) {
    // AVX-512F alone cannot load 16-bit lanes under a mask.
    float last_query[kLanes] = {};
    std::uint16_t last_row[kLanes] = {};
    std::memcpy(last_query, query + i, (size - i) * sizeof(float));
    std::memcpy(last_row, row + i, (size - i) * sizeof(std::uint16_t));
    sums[1] = _mm512_fmadd_ps(_mm512_loadu_ps(last_query), load_row(last_row), sums[1]);
  }
  return _mm512_reduce_add_ps(
      _mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}

}  // namespace vitrine::rank

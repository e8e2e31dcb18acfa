// SPDX-License-Identifier: MIT
// Built with AVX2, FMA and F16C.
#include <immintrin.h>

#include <cstring>

#include "rank/half_functions.h"

namespace vitrine::rank {
namespace {

constexpr std::size_t kLanes = 8;
// Enough independent sums to hide the latency of the fused multiply-add.
constexpr std::size_t kSums = 4;

__m256 load_row(const std::uint16_t* row) {
  return _mm256_cvtph_ps(_mm_loadu_si128(reinterpret_cast<const __m128i*>(row)));
}

float sum_lanes(__m256 lanes) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

void convert_to_half(const float* values, std::uint16_t* halves) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(halves),
                   _mm256_cvtps_ph(_mm256_loadu_ps(values), _MM_FROUND_TO_NEAREST_INT));
}

}  // namespace

void to_half_avx2(const float* values, std::size_t size, std::uint16_t* halves) {
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) convert_to_half(values + i, halves + i);
  if (i == size) return;
  float last_values[kLanes] = {};
  std::uint16_t last_halves[kLanes];
  std::memcpy(last_values, values + i, (size - i) * sizeof(float));
  convert_to_half(last_values, last_halves);
  std::memcpy(halves + i, last_halves, (size - i) * sizeof(std::uint16_t));
}

void to_float_avx2(const std::uint16_t* halves, std::size_t size, float* values) {
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) _mm256_storeu_ps(values + i, load_row(halves + i));
  if (i == size) return;
  std::uint16_t last_halves[kLanes] = {};
  float last_values[kLanes];
  std::memcpy(last_halves, halves + i, (size - i) * sizeof(std::uint16_t));
  _mm256_storeu_ps(last_values, load_row(last_halves));
  std::memcpy(values + i, last_values, (size - i) * sizeof(float));
}

float dot_avx2(const float* query, const std::uint16_t* row, std::size_t size) {
  __m256 sums[kSums];
  for (__m256& sum : sums) sum = _mm256_setzero_ps();
  std::size_t i = 0;
  for (; i + kSums * kLanes <= size; i += kSums * kLanes) {
    for (std::size_t s = 0; s < kSums; ++s) {
      const std::size_t at = i + s * kLanes;
      sums[s] = _mm256_fmadd_ps(_mm256_loadu_ps(query + at), load_row(row + at), sums[s]);
    }
  }
  for (; i + kLanes <= size; i += kLanes) {
    sums[0] = _mm256_fmadd_ps(_mm256_loadu_ps(query + i), load_row(row + i), sums[0]);
  }
  if (i < size) {
    float last_query[kLanes] = {};
    std::uint16_t last_row[kLanes] = {};
    std::memcpy(last_query, query + i, (size - i) * sizeof(float));
    std::memcpy(last_row, row + i, (size - i) * sizeof(std::uint16_t));
    sums[1] = _mm256_fmadd_ps(_mm256_loadu_ps(last_query), load_row(last_row), sums[1]);
  }
  return sum_lanes(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
}

}  // namespace vitrine::rank

// SPDX-License-Identifier: MIT
#include "rerank/int8_rows.h"

#include <algorithm>
#include <cmath>
#include <utility>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace vitrine::benchmarks {
namespace {

constexpr std::size_t kPrefetchedRows = 8;
constexpr std::size_t kCacheLineBytes = 64;

#if defined(__x86_64__)
constexpr std::size_t kLanes = 64;

// The instruction multiplies unsigned by signed numbers, so 128 is added to the row's and its share, 128
// times the sum of the query's, taken off again. `dim` is a multiple of 64.
__attribute__((target("avx512f,avx512bw,avx512vnni"))) std::int32_t dot_vnni(const std::int8_t* query,
                                                                             const std::int8_t* row,
                                                                             std::size_t dim) {
  const __m512i top_bits = _mm512_set1_epi8(static_cast<char>(0x80));
  __m512i products = _mm512_setzero_si512();
  __m512i excess = _mm512_setzero_si512();
  for (std::size_t i = 0; i < dim; i += kLanes) {
    const __m512i of_query = _mm512_loadu_si512(query + i);
    const __m512i of_row = _mm512_xor_si512(_mm512_loadu_si512(row + i), top_bits);
    products = _mm512_dpbusd_epi32(products, of_row, of_query);
    excess = _mm512_dpbusd_epi32(excess, top_bits, of_query);
  }
  alignas(64) std::int32_t lanes[16];
  _mm512_store_si512(lanes, _mm512_sub_epi32(products, excess));
  std::int32_t sum = 0;
  for (const std::int32_t lane : lanes) sum += lane;
  return sum;
}
#endif

}  // namespace

float to_int8(std::span<const float> values, std::int8_t* numbers) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  const float scale = largest > 0 ? largest / 127 : 1;
  for (std::size_t i = 0; i < values.size(); ++i)
    numbers[i] = static_cast<std::int8_t>(std::lround(values[i] / scale));
  return scale;
}

std::int32_t dot_int8_plain(const std::int8_t* query, const std::int8_t* row, std::size_t dim) {
  std::int32_t sum = 0;
  for (std::size_t i = 0; i < dim; ++i) sum += std::int32_t{query[i]} * row[i];
  return sum;
}

bool has_fast_int8() {
#if defined(__x86_64__)
  static const bool has =
      __builtin_cpu_supports("avx512vnni") != 0 && __builtin_cpu_supports("avx512bw") != 0;
  return has;
#else
  return false;
#endif
}

std::int32_t dot_int8(const std::int8_t* query, const std::int8_t* row, std::size_t dim) {
#if defined(__x86_64__)
  if (has_fast_int8() && dim % kLanes == 0) return dot_vnni(query, row, dim);
#endif
  return dot_int8_plain(query, row, dim);
}

std::vector<std::size_t> rerank_int8(std::span<const std::int8_t> query,
                                     std::span<const Int8Candidate> candidates, std::size_t k) {
  std::vector<std::pair<float, std::size_t>> ranked;
  ranked.reserve(candidates.size());
  const auto fetch = [&](std::size_t i) {
    if (i >= candidates.size()) return;
    for (std::size_t offset = 0; offset < query.size(); offset += kCacheLineBytes)
      __builtin_prefetch(candidates[i].row + offset);
  };
  for (std::size_t i = 0; i < kPrefetchedRows; ++i) fetch(i);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    fetch(i + kPrefetchedRows);
    const auto dot = static_cast<float>(dot_int8(query.data(), candidates[i].row, query.size()));
    ranked.emplace_back(-dot * candidates[i].scale, i);
  }
  const std::size_t num_kept = std::min(k, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(num_kept), ranked.end());
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < num_kept; ++i) places.push_back(ranked[i].second);
  return places;
}

}  // namespace vitrine::benchmarks

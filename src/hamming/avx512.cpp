// SPDX-License-Identifier: MIT
// One popcount per word of eight codes. Built with AVX-512F and AVX-512 VPOPCNTDQ.
#include <immintrin.h>

#include "hamming/scan.h"

namespace vitrine::hamming {
namespace {

// Scans `kQueries` queries from `first_query` on, so that every load of a block serves all of them. `kWords`
// fixes the length of the codes for the compiler; 0 reads it from the arguments.
template <std::size_t kWords, std::size_t kQueries>
void scan_queries(const ScanArguments& in, std::size_t first_query) {
  const std::size_t words = kWords == 0 ? in.words : kWords;
  const std::uint64_t* queries = in.queries + first_query * words;
  __m512i limits[kQueries];
  for (std::size_t q = 0; q < kQueries; ++q) limits[q] = _mm512_set1_epi64(in.limits[first_query + q]);

  for (std::size_t b = 0; b < in.num_blocks; ++b) {
    const std::uint64_t* block = in.blocks + b * words * kRowsPerBlock;
    __m512i sums[kQueries];
    for (std::size_t q = 0; q < kQueries; ++q) sums[q] = _mm512_setzero_si512();
    for (std::size_t word = 0; word < words; ++word) {
      const __m512i codes = _mm512_load_si512(block + word * kRowsPerBlock);
      for (std::size_t q = 0; q < kQueries; ++q) {
        const __m512i query = _mm512_set1_epi64(static_cast<long long>(queries[q * words + word]));
        sums[q] = _mm512_add_epi64(sums[q], _mm512_popcnt_epi64(_mm512_xor_si512(codes, query)));
      }
    }
    for (std::size_t q = 0; q < kQueries; ++q) {
      const std::size_t out = (first_query + q) * in.num_blocks + b;
      _mm_storeu_si128(reinterpret_cast<__m128i*>(in.distances + out * kRowsPerBlock),
                       _mm512_cvtepi64_epi16(sums[q]));
      in.within[out] = static_cast<std::uint8_t>(_mm512_cmple_epu64_mask(sums[q], limits[q]));
    }
  }
}

template <std::size_t kWords>
void scan_all(const ScanArguments& in) {
  std::size_t q = 0;
  for (; q + 4 <= in.num_queries; q += 4) scan_queries<kWords, 4>(in, q);
  for (; q < in.num_queries; ++q) scan_queries<kWords, 1>(in, q);
}

}  // namespace

void scan_avx512(const ScanArguments& in) {
  // The usual lengths get loops that the compiler can unroll.
  switch (in.words) {
    case 2:
      return scan_all<2>(in);
    case 4:
      return scan_all<4>(in);
    case 8:
      return scan_all<8>(in);
    default:
      return scan_all<0>(in);
  }
}

}  // namespace vitrine::hamming

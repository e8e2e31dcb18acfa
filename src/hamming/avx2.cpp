// SPDX-License-Identifier: MIT
// Bits are counted with a table of nibbles (Mula, Kurz, Lemire: Faster Population Counts Using AVX2
// Instructions, 2018). In vertical blocks the counts stay in bytes over many words and are summed once. Built
// with AVX2.
#include <immintrin.h>

#include "hamming/scan.h"

namespace vitrine::hamming {
namespace {

// A byte counts at most 8 bits a word, so 31 words are the most that 8 bits can hold.
constexpr std::size_t kWordsPerByteSum = 31;

// Bits set in each byte.
__m256i count_bytes(__m256i value) {
  const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,  //
                                         0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
  const __m256i nibble = _mm256_set1_epi8(0x0f);
  const __m256i low = _mm256_and_si256(value, nibble);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(value, 4), nibble);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}

// Stores eight distances, given as 64-bit sums of rows 0-3 and 4-7, and the mask of those within the limit.
void store_distances(__m256i low_rows, __m256i high_rows, std::uint16_t limit, std::uint16_t* distances,
                     std::uint8_t* within) {
  const __m256i mixed = _mm256_or_si256(low_rows, _mm256_slli_epi64(high_rows, 32));
  const __m256i order = _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7);
  const __m256i sums = _mm256_permutevar8x32_epi32(mixed, order);
  const __m256i beyond = _mm256_cmpgt_epi32(sums, _mm256_set1_epi32(limit));
  *within = static_cast<std::uint8_t>(~_mm256_movemask_ps(_mm256_castsi256_ps(beyond)));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(distances),
                   _mm_packus_epi32(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1)));
}

// Scans `kQueries` queries from `first_query` on, so that every load of a block serves all of them.
template <std::size_t kQueries>
void scan_queries(const ScanArguments& in, std::size_t first_query) {
  const std::uint64_t* queries = in.queries + first_query * in.words;
  const __m256i zero = _mm256_setzero_si256();
  for (std::size_t b = 0; b < in.num_blocks; ++b) {
    const std::uint64_t* block = in.blocks + b * in.words * kRowsPerBlock;
    __m256i low_sums[kQueries];
    __m256i high_sums[kQueries];
    for (std::size_t q = 0; q < kQueries; ++q) low_sums[q] = high_sums[q] = zero;
    for (std::size_t begin = 0; begin < in.words; begin += kWordsPerByteSum) {
      const std::size_t end = in.words - begin > kWordsPerByteSum ? begin + kWordsPerByteSum : in.words;
      __m256i low_bytes[kQueries];
      __m256i high_bytes[kQueries];
      for (std::size_t q = 0; q < kQueries; ++q) low_bytes[q] = high_bytes[q] = zero;
      for (std::size_t word = begin; word < end; ++word) {
        const auto* line = reinterpret_cast<const __m256i*>(block + word * kRowsPerBlock);
        const __m256i low_codes = _mm256_load_si256(line);
        const __m256i high_codes = _mm256_load_si256(line + 1);
        for (std::size_t q = 0; q < kQueries; ++q) {
          const __m256i query = _mm256_set1_epi64x(static_cast<long long>(queries[q * in.words + word]));
          low_bytes[q] = _mm256_add_epi8(low_bytes[q], count_bytes(_mm256_xor_si256(low_codes, query)));
          high_bytes[q] = _mm256_add_epi8(high_bytes[q], count_bytes(_mm256_xor_si256(high_codes, query)));
        }
      }
      for (std::size_t q = 0; q < kQueries; ++q) {
        low_sums[q] = _mm256_add_epi64(low_sums[q], _mm256_sad_epu8(low_bytes[q], zero));
        high_sums[q] = _mm256_add_epi64(high_sums[q], _mm256_sad_epu8(high_bytes[q], zero));
      }
    }
    for (std::size_t q = 0; q < kQueries; ++q) {
      const std::size_t out = (first_query + q) * in.num_blocks + b;
      store_distances(low_sums[q], high_sums[q], in.limits[first_query + q],
                      in.distances + out * kRowsPerBlock, in.within + out);
    }
  }
}

}  // namespace

void scan_avx2(const ScanArguments& in) {
  std::size_t q = 0;
  for (; q + 2 <= in.num_queries; q += 2) scan_queries<2>(in, q);
  for (; q < in.num_queries; ++q) scan_queries<1>(in, q);
}

}  // namespace vitrine::hamming

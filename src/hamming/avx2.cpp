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

// The distances of eight codes.
struct Sums {
  __m256i rows;  // eight 32-bit lanes
};

// Adds the distances of a block's eight codes to each query, so that every load serves all of them.
template <std::size_t kQueries>
void add_block(const std::uint64_t* block, std::size_t words, const std::uint64_t* queries,
               std::size_t query_stride, Sums (&sums)[kQueries]) {
  const __m256i zero = _mm256_setzero_si256();
  const __m256i order = _mm256_setr_epi32(0, 2, 4, 6, 1, 3, 5, 7);
  for (std::size_t begin = 0; begin < words; begin += kWordsPerByteSum) {
    const std::size_t end = words - begin > kWordsPerByteSum ? begin + kWordsPerByteSum : words;
    __m256i low_bytes[kQueries];
    __m256i high_bytes[kQueries];
    for (std::size_t q = 0; q < kQueries; ++q) low_bytes[q] = high_bytes[q] = zero;
    for (std::size_t word = begin; word < end; ++word) {
      const auto* line = reinterpret_cast<const __m256i*>(block + word * kRowsPerBlock);
      const __m256i low_codes = _mm256_load_si256(line);
      const __m256i high_codes = _mm256_load_si256(line + 1);
      for (std::size_t q = 0; q < kQueries; ++q) {
        const __m256i query = _mm256_set1_epi64x(static_cast<long long>(queries[q * query_stride + word]));
        low_bytes[q] = _mm256_add_epi8(low_bytes[q], count_bytes(_mm256_xor_si256(low_codes, query)));
        high_bytes[q] = _mm256_add_epi8(high_bytes[q], count_bytes(_mm256_xor_si256(high_codes, query)));
      }
    }
    for (std::size_t q = 0; q < kQueries; ++q) {
      const __m256i low_sums = _mm256_sad_epu8(low_bytes[q], zero);
      const __m256i high_sums = _mm256_sad_epu8(high_bytes[q], zero);
      const __m256i mixed = _mm256_or_si256(low_sums, _mm256_slli_epi64(high_sums, 32));
      sums[q].rows = _mm256_add_epi32(sums[q].rows, _mm256_permutevar8x32_epi32(mixed, order));
    }
  }
}

template <std::size_t kQueries>
void find_queries(const FindArguments& in, std::size_t first_query) {
  const std::uint64_t* queries = in.queries + first_query * in.query_stride;
  std::uint32_t num_hits[kQueries] = {};
  for (std::size_t i = 0; i < in.num_blocks; ++i) {
    const std::size_t block = in.selected ? in.selected[i] : i;
    Sums sums[kQueries];
    for (std::size_t q = 0; q < kQueries; ++q) sums[q].rows = _mm256_setzero_si256();
    add_block(in.heads + block * in.head_words * kRowsPerBlock, in.head_words, queries, in.query_stride,
              sums);
    add_block(in.tails + block * in.tail_words * kRowsPerBlock, in.tail_words, queries + in.head_words,
              in.query_stride, sums);
    for (std::size_t q = 0; q < kQueries; ++q) {
      const __m256i beyond = _mm256_cmpgt_epi32(sums[q].rows, _mm256_set1_epi32(in.limits[first_query + q]));
      const auto rows = static_cast<unsigned>(~_mm256_movemask_ps(_mm256_castsi256_ps(beyond))) & 0xffu;
      if (rows == 0) [[likely]]
        continue;
      BlockHit& hit = in.hits[(first_query + q) * in.num_blocks + num_hits[q]++];
      hit.block = static_cast<std::uint32_t>(block);
      hit.rows = rows;
      _mm_storeu_si128(
          reinterpret_cast<__m128i*>(hit.distances),
          _mm_packus_epi32(_mm256_castsi256_si128(sums[q].rows), _mm256_extracti128_si256(sums[q].rows, 1)));
    }
  }
  for (std::size_t q = 0; q < kQueries; ++q) in.num_hits[first_query + q] = num_hits[q];
}

// Each lane keeps its smallest distance and the block it came from; the lanes are compared at the end.
template <std::size_t kQueries>
void nearest_queries(const NearestArguments& in, std::size_t first_query) {
  __m256i best[kQueries];
  __m256i blocks[kQueries];
  for (std::size_t q = 0; q < kQueries; ++q) {
    best[q] = _mm256_set1_epi32(0x7fffffff);
    blocks[q] = _mm256_setzero_si256();
  }
  for (std::size_t b = 0; b < in.num_blocks; ++b) {
    Sums sums[kQueries];
    for (std::size_t q = 0; q < kQueries; ++q) sums[q].rows = _mm256_setzero_si256();
    add_block(in.blocks + b * in.words * kRowsPerBlock, in.words, in.queries + first_query * in.words,
              in.words, sums);
    const __m256i block = _mm256_set1_epi32(static_cast<int>(b));
    for (std::size_t q = 0; q < kQueries; ++q) {
      const __m256i nearer = _mm256_cmpgt_epi32(best[q], sums[q].rows);
      best[q] = _mm256_blendv_epi8(best[q], sums[q].rows, nearer);
      blocks[q] = _mm256_blendv_epi8(blocks[q], block, nearer);
    }
  }
  for (std::size_t q = 0; q < kQueries; ++q) {
    alignas(32) std::uint32_t distances[kRowsPerBlock];
    alignas(32) std::uint32_t lane_blocks[kRowsPerBlock];
    _mm256_store_si256(reinterpret_cast<__m256i*>(distances), best[q]);
    _mm256_store_si256(reinterpret_cast<__m256i*>(lane_blocks), blocks[q]);
    std::uint64_t nearest = ~std::uint64_t{0};
    for (std::size_t row = 0; row < kRowsPerBlock; ++row) {
      const std::uint64_t candidate =
          std::uint64_t{distances[row]} << 32 | (std::uint64_t{lane_blocks[row]} * kRowsPerBlock + row);
      if (candidate < nearest) nearest = candidate;
    }
    in.nearest[first_query + q] = nearest;
  }
}

}  // namespace

void find_avx2(const FindArguments& in) {
  std::size_t q = 0;
  for (; q + 2 <= in.num_queries; q += 2) find_queries<2>(in, q);
  for (; q < in.num_queries; ++q) find_queries<1>(in, q);
}

void nearest_avx2(const NearestArguments& in) {
  std::size_t q = 0;
  for (; q + 2 <= in.num_queries; q += 2) nearest_queries<2>(in, q);
  for (; q < in.num_queries; ++q) nearest_queries<1>(in, q);
}

}  // namespace vitrine::hamming

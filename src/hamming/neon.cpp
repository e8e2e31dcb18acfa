// SPDX-License-Identifier: MIT
// Counts stay in bytes over many words, as in the AVX2 kernel; then pairwise sums bring each code into one
// lane.
#include <arm_neon.h>

#include "hamming/scan.h"

namespace vitrine::hamming {
namespace {

// A byte counts at most 8 bits a word, so 31 words are the most that 8 bits can hold.
constexpr std::size_t kWordsPerByteSum = 31;
// A register holds two codes' words.
constexpr std::size_t kPairs = kRowsPerBlock / 2;

// The sum of the bytes of each code: register p holds codes 2p and 2p + 1, eight bytes each.
uint16x8_t sum_bytes(const uint8x16_t* bytes) {
  const uint16x8_t rows_0_to_3 = vpaddq_u16(vpaddlq_u8(bytes[0]), vpaddlq_u8(bytes[1]));
  const uint16x8_t rows_4_to_7 = vpaddq_u16(vpaddlq_u8(bytes[2]), vpaddlq_u8(bytes[3]));
  return vpaddq_u16(rows_0_to_3, rows_4_to_7);
}

// Adds the distances of a block's eight codes to each query, so that every load serves all of them.
template <std::size_t kQueries>
void add_block(const std::uint64_t* block, std::size_t words, const std::uint64_t* queries,
               std::size_t query_stride, uint16x8_t (&sums)[kQueries]) {
  for (std::size_t begin = 0; begin < words; begin += kWordsPerByteSum) {
    const std::size_t end = words - begin > kWordsPerByteSum ? begin + kWordsPerByteSum : words;
    uint8x16_t bytes[kQueries][kPairs];
    for (std::size_t q = 0; q < kQueries; ++q) {
      for (std::size_t pair = 0; pair < kPairs; ++pair) bytes[q][pair] = vdupq_n_u8(0);
    }
    for (std::size_t word = begin; word < end; ++word) {
      for (std::size_t pair = 0; pair < kPairs; ++pair) {
        const uint64x2_t codes = vld1q_u64(block + word * kRowsPerBlock + 2 * pair);
        for (std::size_t q = 0; q < kQueries; ++q) {
          const uint64x2_t differing = veorq_u64(codes, vdupq_n_u64(queries[q * query_stride + word]));
          bytes[q][pair] = vaddq_u8(bytes[q][pair], vcntq_u8(vreinterpretq_u8_u64(differing)));
        }
      }
    }
    for (std::size_t q = 0; q < kQueries; ++q) sums[q] = vaddq_u16(sums[q], sum_bytes(bytes[q]));
  }
}

template <std::size_t kQueries>
void find_queries(const FindArguments& in, std::size_t first_query) {
  static const std::uint16_t kRowBits[kRowsPerBlock] = {1, 2, 4, 8, 16, 32, 64, 128};
  const uint16x8_t row_bits = vld1q_u16(kRowBits);
  const std::uint64_t* queries = in.queries + first_query * in.query_stride;
  std::uint32_t num_hits[kQueries] = {};
  for (std::size_t i = 0; i < in.num_blocks; ++i) {
    const std::size_t block = in.selected ? in.selected[i] : i;
    uint16x8_t sums[kQueries];
    for (std::size_t q = 0; q < kQueries; ++q) sums[q] = vdupq_n_u16(0);
    add_block(in.heads + block * in.head_words * kRowsPerBlock, in.head_words, queries, in.query_stride,
              sums);
    add_block(in.tails + block * in.tail_words * kRowsPerBlock, in.tail_words, queries + in.head_words,
              in.query_stride, sums);
    for (std::size_t q = 0; q < kQueries; ++q) {
      const uint16x8_t within = vcleq_u16(sums[q], vdupq_n_u16(in.limits[first_query + q]));
      const std::uint32_t rows = vaddvq_u16(vandq_u16(within, row_bits));
      if (rows == 0) [[likely]]
        continue;
      BlockHit& hit = in.hits[(first_query + q) * in.num_blocks + num_hits[q]++];
      hit.block = static_cast<std::uint32_t>(block);
      hit.rows = rows;
      vst1q_u16(hit.distances, sums[q]);
    }
  }
  for (std::size_t q = 0; q < kQueries; ++q) in.num_hits[first_query + q] = num_hits[q];
}

// Most blocks hold nothing nearer than the best so far, so one comparison of the minimum dismisses them.
template <std::size_t kQueries>
void nearest_queries(const NearestArguments& in, std::size_t first_query) {
  std::uint64_t best[kQueries];
  for (std::size_t q = 0; q < kQueries; ++q) best[q] = ~std::uint64_t{0};
  for (std::size_t b = 0; b < in.num_blocks; ++b) {
    uint16x8_t sums[kQueries];
    for (std::size_t q = 0; q < kQueries; ++q) sums[q] = vdupq_n_u16(0);
    add_block(in.blocks + b * in.words * kRowsPerBlock, in.words, in.queries + first_query * in.words,
              in.words, sums);
    for (std::size_t q = 0; q < kQueries; ++q) {
      if (vminvq_u16(sums[q]) >= best[q] >> 32) [[likely]]
        continue;
      std::uint16_t distances[kRowsPerBlock];
      vst1q_u16(distances, sums[q]);
      for (std::size_t row = 0; row < kRowsPerBlock; ++row) {
        const std::uint64_t candidate = std::uint64_t{distances[row]} << 32 | (b * kRowsPerBlock + row);
        if (candidate < best[q]) best[q] = candidate;
      }
    }
  }
  for (std::size_t q = 0; q < kQueries; ++q) in.nearest[first_query + q] = best[q];
}

}  // namespace

void find_neon(const FindArguments& in) {
  std::size_t q = 0;
  for (; q + 2 <= in.num_queries; q += 2) find_queries<2>(in, q);
  for (; q < in.num_queries; ++q) find_queries<1>(in, q);
}

void nearest_neon(const NearestArguments& in) {
  std::size_t q = 0;
  for (; q + 2 <= in.num_queries; q += 2) nearest_queries<2>(in, q);
  for (; q < in.num_queries; ++q) nearest_queries<1>(in, q);
}

}  // namespace vitrine::hamming

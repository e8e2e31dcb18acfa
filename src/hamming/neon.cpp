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

// Scans `kQueries` queries from `first_query` on, so that every load of a block serves all of them.
template <std::size_t kQueries>
void scan_queries(const ScanArguments& in, std::size_t first_query) {
  static const std::uint16_t kRowBits[kRowsPerBlock] = {1, 2, 4, 8, 16, 32, 64, 128};
  const uint16x8_t row_bits = vld1q_u16(kRowBits);
  const std::uint64_t* queries = in.queries + first_query * in.words;
  for (std::size_t b = 0; b < in.num_blocks; ++b) {
    const std::uint64_t* block = in.blocks + b * in.words * kRowsPerBlock;
    uint16x8_t sums[kQueries];
    for (std::size_t q = 0; q < kQueries; ++q) sums[q] = vdupq_n_u16(0);
    for (std::size_t begin = 0; begin < in.words; begin += kWordsPerByteSum) {
      const std::size_t end = in.words - begin > kWordsPerByteSum ? begin + kWordsPerByteSum : in.words;
      uint8x16_t bytes[kQueries][kPairs];
      for (std::size_t q = 0; q < kQueries; ++q) {
        for (std::size_t pair = 0; pair < kPairs; ++pair) bytes[q][pair] = vdupq_n_u8(0);
      }
      for (std::size_t word = begin; word < end; ++word) {
        for (std::size_t pair = 0; pair < kPairs; ++pair) {
          const uint64x2_t codes = vld1q_u64(block + word * kRowsPerBlock + 2 * pair);
          for (std::size_t q = 0; q < kQueries; ++q) {
            const uint64x2_t differing = veorq_u64(codes, vdupq_n_u64(queries[q * in.words + word]));
            bytes[q][pair] = vaddq_u8(bytes[q][pair], vcntq_u8(vreinterpretq_u8_u64(differing)));
          }
        }
      }
      for (std::size_t q = 0; q < kQueries; ++q) sums[q] = vaddq_u16(sums[q], sum_bytes(bytes[q]));
    }
    for (std::size_t q = 0; q < kQueries; ++q) {
      const std::size_t out = (first_query + q) * in.num_blocks + b;
      const uint16x8_t within = vcleq_u16(sums[q], vdupq_n_u16(in.limits[first_query + q]));
      vst1q_u16(in.distances + out * kRowsPerBlock, sums[q]);
      in.within[out] = static_cast<std::uint8_t>(vaddvq_u16(vandq_u16(within, row_bits)));
    }
  }
}

}  // namespace

void scan_neon(const ScanArguments& in) {
  std::size_t q = 0;
  for (; q + 2 <= in.num_queries; q += 2) scan_queries<2>(in, q);
  for (; q < in.num_queries; ++q) scan_queries<1>(in, q);
}

}  // namespace vitrine::hamming

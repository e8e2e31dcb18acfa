// SPDX-License-Identifier: MIT
// The definition: every other kernel must give these results.
#include <bit>

#include "hamming/scan.h"

namespace vitrine::hamming {
namespace {

// The distance of code `row` of a block to a query, over the first `words` words.
unsigned distance_in_block(const std::uint64_t* block, std::size_t words, std::size_t row,
                           const std::uint64_t* query) {
  int distance = 0;
  for (std::size_t word = 0; word < words; ++word) {
    distance += std::popcount(block[word * kRowsPerBlock + row] ^ query[word]);
  }
  return static_cast<unsigned>(distance);
}

}  // namespace

void find_scalar(const FindArguments& in) {
  for (std::size_t q = 0; q < in.num_queries; ++q) {
    const std::uint64_t* query = in.queries + q * in.query_stride;
    BlockHit* hits = in.hits + q * in.num_blocks;
    std::uint32_t num_hits = 0;
    for (std::size_t i = 0; i < in.num_blocks; ++i) {
      const std::size_t block_index = in.selected ? in.selected[i] : i;
      const std::uint64_t* head = in.heads + block_index * in.head_words * kRowsPerBlock;
      const std::uint64_t* tail = in.tails + block_index * in.tail_words * kRowsPerBlock;
      BlockHit hit{static_cast<std::uint32_t>(block_index), 0, {}};
      for (std::size_t row = 0; row < kRowsPerBlock; ++row) {
        const unsigned distance = distance_in_block(head, in.head_words, row, query) +
                                  distance_in_block(tail, in.tail_words, row, query + in.head_words);
        hit.distances[row] = static_cast<std::uint16_t>(distance);
        hit.rows |= static_cast<std::uint32_t>(distance <= in.limits[q]) << row;
      }
      if (hit.rows != 0) hits[num_hits++] = hit;
    }
    in.num_hits[q] = num_hits;
  }
}

void nearest_scalar(const NearestArguments& in) {
  for (std::size_t q = 0; q < in.num_queries; ++q) {
    std::uint64_t best = ~std::uint64_t{0};
    for (std::size_t row = 0; row < in.num_blocks * kRowsPerBlock; ++row) {
      const std::uint64_t* block = in.blocks + row / kRowsPerBlock * in.words * kRowsPerBlock;
      const std::uint64_t distance =
          distance_in_block(block, in.words, row % kRowsPerBlock, in.queries + q * in.words);
      const std::uint64_t candidate = distance << 32 | row;
      if (candidate < best) best = candidate;
    }
    in.nearest[q] = best;
  }
}

}  // namespace vitrine::hamming

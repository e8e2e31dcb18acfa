// SPDX-License-Identifier: MIT
// The definition: every other kernel must give these results.
#include <bit>

#include "hamming/scan.h"

namespace vitrine::hamming {
namespace {

// The distance of code `row` of a block to a query.
unsigned distance_in_block(const std::uint64_t* block, std::size_t words, std::size_t row,
                           const std::uint64_t* query) {
  int distance = 0;
  for (std::size_t word = 0; word < words; ++word) {
    distance += std::popcount(block[word * kRowsPerBlock + row] ^ query[word]);
  }
  return static_cast<unsigned>(distance);
}

}  // namespace

void scan_scalar(const ScanArguments& in) {
  for (std::size_t q = 0; q < in.num_queries; ++q) {
    for (std::size_t b = 0; b < in.num_blocks; ++b) {
      const std::uint64_t* block = in.blocks + b * in.words * kRowsPerBlock;
      const std::size_t out = q * in.num_blocks + b;
      unsigned within = 0;
      for (std::size_t row = 0; row < kRowsPerBlock; ++row) {
        const unsigned distance = distance_in_block(block, in.words, row, in.queries + q * in.words);
        in.distances[out * kRowsPerBlock + row] = static_cast<std::uint16_t>(distance);
        within |= static_cast<unsigned>(distance <= in.limits[q]) << row;
      }
      in.within[out] = static_cast<std::uint8_t>(within);
    }
  }
}

}  // namespace vitrine::hamming

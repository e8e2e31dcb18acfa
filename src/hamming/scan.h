// SPDX-License-Identifier: MIT
#pragma once
/// The operations of this folder: which of many codes are near a few queries, and which one is nearest. Each
/// instruction set implements them in a file of its own with its own compiler flags. Those files include
/// nothing that holds inline code (the linker could keep the copy that needs the newer processor), so only
/// raw pointers and sizes cross this border.
///
/// Rows that a caller ignores may be written while a kernel reads their block: their distances are then
/// meaningless, those of all other rows are right. Thread sanitizers must not instrument these files.
#include <cstddef>
#include <cstdint>

namespace vitrine::hamming {

/// Codes per block. A block holds words x 8 words: word w of code r at index w * 8 + r, so that the same word
/// of eight codes fills one cache line and no horizontal sum is needed.
inline constexpr std::size_t kRowsPerBlock = 8;

/// A block with at least one code within the limit.
struct BlockHit {
  std::uint32_t block;  ///< counted from the first of the arrays
  std::uint32_t rows;   ///< bit r set: code r is within the limit
  std::uint16_t distances[kRowsPerBlock];
};

/// Finds the codes within a limit of each query. Distances stay in registers unless a block has a hit. Codes
/// may be stored in two parts, so that a coarse scan of the first words reads their memory alone.
/// Blocks must be aligned to 64 bytes; nothing else need be.
struct FindArguments {
  const std::uint64_t* heads;  ///< `[.., head_words, 8]`: the first words of the codes
  const std::uint64_t* tails;  ///< `[.., tail_words, 8]`: the words after these
  std::size_t head_words;      ///< at least 1
  std::size_t tail_words;      ///< 0: the codes are compared by their head alone
  std::size_t num_blocks;
  const std::uint32_t* selected;  ///< `[num_blocks]`: the blocks to compare, ascending; null: the first ones
  const std::uint64_t* queries;   ///< `[num_queries, query_stride]`
  std::size_t query_stride;       ///< words from a query to the next, at least head_words + tail_words
  std::size_t num_queries;
  const std::uint16_t* limits;  ///< `[num_queries]`
  BlockHit* hits;               ///< out: `[num_queries, num_blocks]`, of which the first `num_hits` are set
  std::uint32_t* num_hits;      ///< out: `[num_queries]`
};

/// Finds the code nearest to each query, of equally near ones the first.
struct NearestArguments {
  const std::uint64_t* blocks;  ///< `[num_blocks, words, 8]`
  std::size_t num_blocks;       ///< at least 1
  std::size_t words;
  const std::uint64_t* queries;  ///< `[num_queries, words]`
  std::size_t num_queries;
  std::uint64_t* nearest;  ///< out: `[num_queries]`, distance * 2^32 + row
};

using FindFunction = void (*)(const FindArguments&);
using NearestFunction = void (*)(const NearestArguments&);

void find_scalar(const FindArguments& arguments);
void find_avx2(const FindArguments& arguments);
void find_avx512(const FindArguments& arguments);
void find_neon(const FindArguments& arguments);

void nearest_scalar(const NearestArguments& arguments);
void nearest_avx2(const NearestArguments& arguments);
void nearest_avx512(const NearestArguments& arguments);
void nearest_neon(const NearestArguments& arguments);

}  // namespace vitrine::hamming

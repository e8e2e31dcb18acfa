// SPDX-License-Identifier: MIT
#pragma once
/// The one operation of this folder: distances of many codes to a few queries. Each instruction set
/// implements it in a file of its own with its own compiler flags. Those files include nothing that holds
/// inline code (the linker could keep the copy that needs the newer processor), so only raw pointers and
/// sizes cross this border.
#include <cstddef>
#include <cstdint>

namespace vitrine::hamming {

/// Codes per block. A block holds words x 8 words: word w of code r at index w * 8 + r, so that the same word
/// of eight codes fills one cache line and no horizontal sum is needed.
inline constexpr std::size_t kRowsPerBlock = 8;

/// One call of a kernel. Blocks must be aligned to 64 bytes; nothing else need be.
struct ScanArguments {
  const std::uint64_t* blocks;  ///< `[num_blocks, words, 8]`
  std::size_t num_blocks;
  std::size_t words;             ///< 64-bit words in a code, 1 to 64
  const std::uint64_t* queries;  ///< `[num_queries, words]`
  std::size_t num_queries;
  const std::uint16_t* limits;  ///< `[num_queries]`
  std::uint16_t* distances;     ///< out: `[num_queries, num_blocks, 8]`
  std::uint8_t* within;  ///< out: `[num_queries, num_blocks]`, bit r set if code r is at most `limit` away
};

using ScanFunction = void (*)(const ScanArguments&);

void scan_scalar(const ScanArguments& arguments);
void scan_avx2(const ScanArguments& arguments);
void scan_avx512(const ScanArguments& arguments);
void scan_neon(const ScanArguments& arguments);

}  // namespace vitrine::hamming

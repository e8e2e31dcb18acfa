// SPDX-License-Identifier: MIT
#include "index/block_store.h"

#include <catch2/catch.hpp>
#include <random>

#include "vitrine/error.h"

namespace vitrine::index {

TEST_CASE("codes and ids are read back as they were written, whatever the length of a code") {
  std::mt19937_64 random(7);
  for (std::size_t words = 1; words <= kMaxWords; ++words) {
    BlockStore rows(words);
    const BlockIndex first = rows.allocate(9);
    std::vector<std::uint64_t> codes(9 * 8 * words);
    for (std::uint64_t& word : codes) word = random();
    for (Slot row = 0; row < 72; ++row) rows.write_row(first * 8 + row, row * 31, codes.data() + row * words);
    std::vector<std::uint64_t> read(words);
    for (Slot row = 0; row < 72; ++row) {
      rows.read_code(first * 8 + row, read.data());
      REQUIRE(std::equal(read.begin(), read.end(), codes.begin() + static_cast<std::ptrdiff_t>(row * words)));
      REQUIRE(rows.id(first * 8 + row) == row * 31);
    }
  }
}

TEST_CASE("released blocks are used again before new ones") {
  BlockStore rows(8);
  const BlockIndex first = rows.allocate(10);
  const BlockIndex second = rows.allocate(5);
  REQUIRE(second == first + 10);
  rows.release(first + 2, 4);
  REQUIRE(rows.allocate(5) == second + 5);
  REQUIRE(rows.allocate(4) == first + 2);
}

TEST_CASE("blocks are extended where the next ones are free") {
  BlockStore rows(8);
  const BlockIndex first = rows.allocate(3);
  REQUIRE(rows.extend(first + 3, 2));
  const BlockIndex second = rows.allocate(1);
  REQUIRE(second == first + 5);
  REQUIRE_FALSE(rows.extend(first + 5, 1));
  REQUIRE_FALSE(rows.extend(static_cast<BlockIndex>(rows.chunk_blocks()), 1));
}

TEST_CASE("random allocations never overlap and leave no memory behind") {
  std::mt19937_64 random(9);
  BlockStore rows(64);
  std::vector<std::pair<BlockIndex, std::size_t>> taken;
  std::vector<bool> used(1 << 16);
  for (int i = 0; i < 20'000; ++i) {
    if (taken.size() < 200 && random() % 2 == 0) {
      const std::size_t count = 1 + random() % 60;
      const BlockIndex first = rows.allocate(count);
      for (std::size_t block = first; block < first + count; ++block) {
        REQUIRE_FALSE(used.at(block));
        used[block] = true;
      }
      taken.emplace_back(first, count);
    } else if (!taken.empty()) {
      std::swap(taken[random() % taken.size()], taken.back());
      for (std::size_t block = 0; block < taken.back().second; ++block)
        used[taken.back().first + block] = false;
      rows.release(taken.back().first, taken.back().second);
      taken.pop_back();
    }
  }
  for (const auto& [first, count] : taken) rows.release(first, count);
  std::size_t num_chunks = rows.num_chunks();
  while (rows.take_empty_chunk()) --num_chunks;
  REQUIRE(num_chunks <= 2);
}

TEST_CASE("a closed chunk gets no more blocks") {
  BlockStore rows(8);
  const BlockIndex first = rows.allocate(1);
  rows.close(0);
  REQUIRE(rows.allocate(1) == rows.chunk_blocks());
  REQUIRE_FALSE(rows.extend(first + 1, 1));
  rows.reopen_all();
  REQUIRE(rows.allocate(1) == first + 1);
}

}  // namespace vitrine::index

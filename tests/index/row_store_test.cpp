// SPDX-License-Identifier: MIT
#include "index/row_store.h"

#include <algorithm>
#include <catch2/catch.hpp>

#include "index/codes.h"
#include "vitrine/error.h"

namespace vitrine::index {
namespace {

Slot add(RowStore& rows, RowId id, PartitionId partition) {
  rows.reserve_partition(partition);
  rows.reserve_blocks(1);
  return rows.add(id, test::Code(rows.words() * 8), partition);
}

}  // namespace

TEST_CASE("a block holds rows of one partition only") {
  RowStore rows(2);
  for (RowId id = 0; id < 100; ++id) add(rows, id, static_cast<PartitionId>(id % 3));
  const BlockRun chunk = rows.chunk(0);
  REQUIRE(chunk.num_blocks == 3 * 5);
  for (std::size_t row = 0; row < chunk.num_blocks * 8; ++row) {
    if ((chunk.live[row / 8] >> (row % 8) & 1) == 0) continue;
    REQUIRE(chunk.ids[row] % 3 == chunk.partitions[row / 8]);
  }
}

TEST_CASE("a freed row is taken before a new block, a freed block by any partition") {
  RowStore rows(1);
  std::vector<Slot> slots;
  for (RowId id = 0; id < 16; ++id) slots.push_back(add(rows, id, 5));
  rows.remove(slots[3]);
  rows.remove(slots[12]);
  const Slot first = add(rows, 20, 5);
  const Slot second = add(rows, 21, 5);
  REQUIRE(std::min(first, second) == slots[3]);
  REQUIRE(std::max(first, second) == slots[12]);
  for (std::size_t i = 0; i < 8; ++i) rows.remove(slots[i]);
  REQUIRE(add(rows, 30, 6) / 8 == slots[0] / 8);
  REQUIRE(rows.chunk(0).num_blocks == 2);
}

TEST_CASE("codes are read back as they were written") {
  std::mt19937_64 random(7);
  for (const std::size_t words : {1, 3, 8, 64}) {
    RowStore rows(words);
    std::vector<test::Code> codes;
    std::vector<Slot> slots;
    for (RowId id = 0; id < 1000; ++id) {
      codes.push_back(test::random_code(random, words * 8));
      slots.push_back(add(rows, id, 0));
      rows.replace_code(slots.back(), codes.back());
    }
    test::Code read(words * 8);
    for (std::size_t i = 0; i < slots.size(); ++i) {
      rows.read_code(slots[i], read);
      REQUIRE(read == codes[i]);
      REQUIRE(rows.id(slots[i]) == i);
    }
  }
}

TEST_CASE("more rows than slots can number are refused") {
  RowStore rows(1);
  try {
    rows.reserve_blocks(std::size_t{1} << 29);
    FAIL("no error");
  } catch (const Error& error) {
    REQUIRE(error.code() == ErrorCode::kResource);
  }
  REQUIRE(rows.num_chunks() == 0);
}

TEST_CASE("partitions that lost all rows are forgotten") {
  RowStore rows(1);
  for (PartitionId partition = 0; partition < 100'000; ++partition) {
    rows.forget_empty_partitions();
    rows.remove(add(rows, partition, partition));
  }
  REQUIRE(rows.memory_bytes() < 1'000'000);
}

}  // namespace vitrine::index

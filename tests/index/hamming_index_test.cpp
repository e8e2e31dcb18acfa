// SPDX-License-Identifier: MIT
#include "vitrine/hamming_index.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>

#include "index/codes.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using test::Code;
using test::code_with_ones;
using test::random_code;

constexpr std::size_t kCodeBytes = 64;

// An index in which row i, of partition i % 4, is i away from the zero code.
HammingIndex staircase(RowId num_rows) {
  HammingIndex index;
  for (RowId id = 0; id < num_rows; ++id) {
    index.upsert(id, code_with_ones(kCodeBytes, id), static_cast<PartitionId>(id % 4));
  }
  return index;
}

template <typename Call>
void require_refused(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    REQUIRE(error.code() == ErrorCode::kInvalidArgument);
    return;
  }
  FAIL("the call was accepted");
}

}  // namespace

TEST_CASE("a code length that is no multiple of 64 from 64 to 4096 is refused") {
  for (const std::size_t bits :
       {std::size_t{0}, std::size_t{1}, std::size_t{63}, std::size_t{65}, std::size_t{520}, std::size_t{4160},
        std::numeric_limits<std::size_t>::max()}) {
    require_refused([&] { HammingIndex({.code_bits = bits}); });
  }
  for (std::size_t bits = 64; bits <= 4096; bits += 64)
    REQUIRE(HammingIndex({.code_bits = bits}).code_bits() == bits);
}

TEST_CASE("an unknown kernel is refused, an available one is used") {
  require_refused([] { HammingIndex({.kernel = "abacus"}); });
  for (const std::string_view name : HammingIndex::available_kernels()) {
    HammingIndex index({.kernel = std::string(name)});
    REQUIRE(index.kernel() == name);
    index.upsert(1, code_with_ones(kCodeBytes, 3));
    REQUIRE(index.search(Code(kCodeBytes)) == std::vector<Neighbor>{{1, 3}});
  }
  REQUIRE(HammingIndex().kernel() == HammingIndex::available_kernels().front());
  REQUIRE(HammingIndex::available_kernels().back() == "scalar");
}

TEST_CASE("a code of the wrong length is refused") {
  HammingIndex index;
  for (const std::size_t size : {std::size_t{0}, kCodeBytes - 1, kCodeBytes + 1, 2 * kCodeBytes}) {
    const Code code(size);
    require_refused([&] { index.upsert(1, code); });
    require_refused([&] { index.search(code); });
    require_refused([&] { index.search_radius(code, 1); });
  }
  require_refused([&] { index.search_batch(Code(kCodeBytes + 1)); });
  REQUIRE(index.size() == 0);
}

TEST_CASE("a batch whose parts differ in length is refused before anything changes") {
  HammingIndex index;
  const std::vector<RowId> ids{1, 2};
  const std::vector<PartitionId> one_partition{7};
  require_refused([&] { index.upsert_batch(ids, Code(kCodeBytes)); });
  require_refused([&] { index.upsert_batch(ids, Code(3 * kCodeBytes)); });
  require_refused([&] { index.upsert_batch(ids, Code(2 * kCodeBytes + 1)); });
  require_refused([&] { index.upsert_batch(ids, Code(2 * kCodeBytes), one_partition); });
  REQUIRE(index.size() == 0);
}

TEST_CASE("k = 0 is refused, except by a radius search, which ignores k") {
  const HammingIndex index = staircase(3);
  require_refused([&] { index.search(Code(kCodeBytes), {.k = 0}); });
  require_refused([&] { index.search_batch(Code(kCodeBytes), {.k = 0}); });
  REQUIRE(index.search_radius(Code(kCodeBytes), 1, {.k = 0}).size() == 2);
}

TEST_CASE("a target recall outside 0.9 to 1 is refused") {
  const HammingIndex index = staircase(3);
  for (const double recall : {0.0, 0.89, 1.01, -1.0, std::nan(""), std::numeric_limits<double>::infinity()}) {
    require_refused([&] { index.search(Code(kCodeBytes), {.target_recall = recall}); });
    require_refused([&] { index.search_batch(Code(kCodeBytes), {.target_recall = recall}); });
    require_refused([&] { index.search_radius(Code(kCodeBytes), 1, {.target_recall = recall}); });
  }
  for (const double recall : {0.9, 0.95, 1.0}) {
    REQUIRE(index.search(Code(kCodeBytes), {.target_recall = recall}).size() == 3);
  }
}

TEST_CASE("an empty index answers with nothing") {
  const HammingIndex index;
  REQUIRE(index.size() == 0);
  REQUIRE(index.search(Code(kCodeBytes)).empty());
  REQUIRE(index.search_radius(Code(kCodeBytes), 512).empty());
  REQUIRE(index.search_batch(Code(3 * kCodeBytes)) == std::vector<std::vector<Neighbor>>(3));
  REQUIRE(index.search_batch({}).empty());
  REQUIRE_FALSE(index.contains(0));
  REQUIRE_FALSE(index.code(0).has_value());
}

TEST_CASE("fewer than k neighbours come back only if there are fewer rows") {
  const HammingIndex index = staircase(5);
  REQUIRE(index.search(Code(kCodeBytes), {.k = 4}).size() == 4);
  REQUIRE(index.search(Code(kCodeBytes), {.k = 6}).size() == 5);
  REQUIRE(index.search(Code(kCodeBytes), {.k = std::numeric_limits<std::size_t>::max()}).size() == 5);
}

TEST_CASE("results are ordered by distance, then id, also where the k-th place is tied") {
  HammingIndex index;
  std::vector<RowId> ids(1000);
  for (RowId id = 0; id < ids.size(); ++id) ids[id] = id;
  std::shuffle(ids.begin(), ids.end(), std::mt19937_64(5));
  for (const RowId id : ids) index.upsert(id, code_with_ones(kCodeBytes, 7));
  index.upsert(5000, code_with_ones(kCodeBytes, 6));
  for (const std::size_t k : {1, 2, 10, 64, 500, 1001}) {
    const auto found = index.search(Code(kCodeBytes), {.k = k});
    REQUIRE(found.size() == k);
    REQUIRE(found[0] == Neighbor{5000, 6});
    for (std::size_t i = 1; i < k; ++i) REQUIRE(found[i] == Neighbor{i - 1, 7});
  }
}

TEST_CASE("a maximum distance leaves out rows farther away") {
  const HammingIndex index = staircase(20);
  REQUIRE(index.search(Code(kCodeBytes), {.max_distance = 0}) == std::vector<Neighbor>{{0, 0}});
  REQUIRE(index.search(Code(kCodeBytes), {.max_distance = 4}).size() == 5);
  const auto any = std::numeric_limits<std::uint32_t>::max();
  REQUIRE(index.search(Code(kCodeBytes), {.k = 50, .max_distance = any}).size() == 20);
}

TEST_CASE("a radius search finds all rows within the radius, in order") {
  const HammingIndex index = staircase(512);
  for (const std::uint32_t radius : {0u, 1u, 100u, 511u, 512u, std::numeric_limits<std::uint32_t>::max()}) {
    const auto found = index.search_radius(Code(kCodeBytes), radius, {.max_distance = 0});
    REQUIRE(found.size() == std::min<std::size_t>(std::size_t{radius} + 1, 512));
    for (std::uint32_t i = 0; i < found.size(); ++i) REQUIRE(found[i] == Neighbor{i, i});
  }
}

TEST_CASE("a search can be restricted to partitions") {
  const HammingIndex index = staircase(100);
  const std::vector<PartitionId> some{3, 1, 3, 99};
  REQUIRE(index.search(Code(kCodeBytes), {.k = 3, .partitions = some}) ==
          std::vector<Neighbor>{{1, 1}, {3, 3}, {5, 5}});
  REQUIRE(index.search(Code(kCodeBytes), {.k = 100, .partitions = some}).size() == 50);
  const std::vector<PartitionId> unknown{4};
  REQUIRE(index.search(Code(kCodeBytes), {.partitions = unknown}).empty());
}

TEST_CASE("a filter never leaves fewer than k while k rows qualify") {
  const HammingIndex index = staircase(500);
  const auto last_ten = [](RowId id) { return id >= 490; };
  const auto found = index.search(Code(kCodeBytes), {.k = 10, .target_recall = 0.9, .filter = last_ten});
  REQUIRE(found.size() == 10);
  REQUIRE(found.front() == Neighbor{490, 490});
}

TEST_CASE("what a filter throws reaches the caller and leaves the index usable") {
  HammingIndex index = staircase(10);
  const auto failing = [](RowId) -> bool { throw Error(ErrorCode::kIo, "filter"); };
  REQUIRE_THROWS_AS(index.search(Code(kCodeBytes), {.filter = failing}), Error);
  REQUIRE(index.remove(0));
  REQUIRE(index.search(Code(kCodeBytes), {.k = 1}) == std::vector<Neighbor>{{1, 1}});
}

TEST_CASE("a batch answers like single searches, whatever its size") {
  std::mt19937_64 random(6);
  HammingIndex index;
  for (RowId id = 0; id < 3000; ++id) index.upsert(id, random_code(random, kCodeBytes));
  for (const std::size_t num_queries : {1, 3, 4, 5, 8, 300}) {
    const Code codes = random_code(random, num_queries * kCodeBytes);
    const auto found = index.search_batch(codes, {.k = 7});
    REQUIRE(found.size() == num_queries);
    for (std::size_t q = 0; q < num_queries; ++q) {
      REQUIRE(found[q] == index.search(std::span(codes).subspan(q * kCodeBytes, kCodeBytes), {.k = 7}));
    }
  }
}

TEST_CASE("replacing a row changes its code and its partition") {
  HammingIndex index;
  const std::vector<PartitionId> first{1};
  const std::vector<PartitionId> second{2};
  index.upsert(9, code_with_ones(kCodeBytes, 1), 1);
  index.upsert(9, code_with_ones(kCodeBytes, 5), 2);
  REQUIRE(index.size() == 1);
  REQUIRE(index.code(9) == code_with_ones(kCodeBytes, 5));
  REQUIRE(index.search(Code(kCodeBytes), {.partitions = first}).empty());
  REQUIRE(index.search(Code(kCodeBytes), {.partitions = second}) == std::vector<Neighbor>{{9, 5}});
}

TEST_CASE("of an id given twice in a batch the last row counts, also when it changes partitions to and fro") {
  HammingIndex index;
  std::vector<RowId> ids;
  std::vector<PartitionId> partitions;
  Code codes;
  for (std::size_t i = 0; i < 200; ++i) {
    ids.push_back(i % 3);
    partitions.push_back(static_cast<PartitionId>(i % 40));
    const Code code = code_with_ones(kCodeBytes, i);
    codes.insert(codes.end(), code.begin(), code.end());
  }
  for (int repeat = 0; repeat < 3; ++repeat) {
    index.upsert_batch(ids, codes, partitions);
    REQUIRE(index.search(Code(kCodeBytes)) == std::vector<Neighbor>{{2, 197}, {0, 198}, {1, 199}});
  }
}

TEST_CASE("ids may have any value") {
  HammingIndex index;
  const RowId largest = std::numeric_limits<RowId>::max();
  index.upsert(largest, Code(kCodeBytes));
  index.upsert(0, Code(kCodeBytes));
  REQUIRE(index.search(Code(kCodeBytes)) == std::vector<Neighbor>{{0, 0}, {largest, 0}});
  REQUIRE(index.search(Code(kCodeBytes), {.k = 1}) == std::vector<Neighbor>{{0, 0}});
  REQUIRE(index.remove(largest));
  REQUIRE_FALSE(index.remove(largest));
}

TEST_CASE("partitions may have any value and any number") {
  HammingIndex index({.code_bits = 64});
  const Code code(8);
  for (RowId id = 0; id < 3000; ++id) index.upsert(id, code, static_cast<PartitionId>(0u - id));
  const std::vector<PartitionId> last{static_cast<PartitionId>(0u - 2999)};
  REQUIRE(index.search(code, {.partitions = last}) == std::vector<Neighbor>{{2999, 0}});
}

TEST_CASE("freed rows are used again") {
  HammingIndex index;
  for (RowId id = 0; id < 20'000; ++id) index.upsert(id, Code(kCodeBytes), static_cast<PartitionId>(id % 7));
  const std::size_t memory = index.memory_bytes();
  for (RowId round = 1; round < 5; ++round) {
    for (RowId id = 0; id < 20'000; ++id) {
      REQUIRE(index.remove((round - 1) * 20'000 + id));
      index.upsert(round * 20'000 + id, Code(kCodeBytes), static_cast<PartitionId>((id + round) % 7));
    }
  }
  REQUIRE(index.memory_bytes() <= memory + memory / 50);
}

TEST_CASE("a row of 512 bits costs at most 24 bytes beside its code") {
  HammingIndex index;
  const Code code(kCodeBytes);
  for (RowId id = 0; id < 100'000; ++id) {
    index.upsert(id, code, static_cast<PartitionId>(id % 10));
    const std::size_t num_rows = id + 1 + 4096;  // the last chunk is counted in full
    REQUIRE(index.memory_bytes() <= num_rows * (kCodeBytes + 24));
  }
}

TEST_CASE("a moved index keeps its rows") {
  HammingIndex index = staircase(10);
  HammingIndex moved = std::move(index);
  REQUIRE(moved.size() == 10);
  HammingIndex assigned({.code_bits = 64});
  assigned = std::move(moved);
  REQUIRE(assigned.code_bits() == 512);
  REQUIRE(assigned.search(Code(kCodeBytes), {.k = 1}) == std::vector<Neighbor>{{0, 0}});
}

}  // namespace vitrine

// SPDX-License-Identifier: MIT
// Meant to run under the thread sanitizer, too. Catch's assertions are not thread-safe, so threads count
// failures.
#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <string>
#include <thread>

#include "index/codes.h"
#include "temporary_folder.h"
#include "vitrine/hamming_index.h"

namespace vitrine {
namespace {

using test::Code;
using test::code_with_ones;

constexpr std::size_t kCodeBytes = 64;
constexpr std::size_t kNumReaders = 3;
constexpr RowId kNumPairs = 300;

constexpr int kMinChanges = 3000;
constexpr std::size_t kMinReads = 1500;

// Calls `change` with 0, 1, 2... while `read` runs over and over in several threads, until there were enough
// of both for them to overlap; returns how often `read` returned false.
template <typename Change, typename Read>
std::size_t count_failures(Change&& change, Read&& read) {
  std::atomic<bool> stop = false;
  std::atomic<std::size_t> num_reads = 0;
  std::atomic<std::size_t> num_failures = 0;
  std::vector<std::thread> readers;
  for (std::size_t i = 0; i < kNumReaders; ++i) {
    readers.emplace_back([&, i] {
      std::mt19937_64 random(i);
      while (!stop) {
        if (!read(random)) ++num_failures;
        ++num_reads;
      }
    });
  }
  for (int i = 0; i < kMinChanges || num_reads < kMinReads; ++i) change(i);
  stop = true;
  for (std::thread& reader : readers) reader.join();
  return num_failures;
}

}  // namespace

TEST_CASE("readers and files see each batch wholly or not at all while a writer changes the index") {
  // With and without lists, which are split, merged and trained anew meanwhile.
  const std::size_t min_rows_for_lists = GENERATE(100, 50'000);
  HammingIndex index(
      {.code_bits = 512, .kernel = "", .min_rows_for_lists = min_rows_for_lists, .rows_per_list = 8});
  // Rows 2i and 2i + 1 always have the same code and partition, given and taken in one change.
  std::mt19937_64 changes(99);
  const auto change = [&](int i) {
    if (i % 1000 == 100) index.optimize();
    if (i % 200 == 0) index.maintain();
    const RowId pair = changes() % kNumPairs;
    const std::vector<RowId> ids{2 * pair, 2 * pair + 1};
    const Code code = code_with_ones(kCodeBytes, changes() % 500);
    Code codes = code;
    codes.insert(codes.end(), code.begin(), code.end());
    const auto partition = static_cast<PartitionId>(changes() % 5);
    index.upsert_batch(ids, codes, std::vector<PartitionId>{partition, partition});
  };
  const test::TemporaryFolder folder;
  std::atomic<int> num_saved = 0;
  const auto read = [&](std::mt19937_64& random) {
    HammingSearchOptions options{.k = 2 * kNumPairs};
    std::vector<PartitionId> partitions;
    if (random() % 2 == 0) partitions.push_back(static_cast<PartitionId>(random() % 5));
    options.partitions = partitions;
    std::vector<Neighbor> found;
    if (random() % 400 == 0) {
      // A file is a reader too.
      const auto path = folder.path() / std::to_string(num_saved++);
      index.save(path);
      found = HammingIndex::open(path, {.kernel = "", .check_rows = true, .check_map = true})
                  .search(Code(kCodeBytes), options);
    } else {
      found = index.search(Code(kCodeBytes), options);
    }
    if (found.size() % 2 != 0) return false;
    std::vector<std::uint32_t> distances(2 * kNumPairs, 0);
    for (const Neighbor& neighbor : found) distances[neighbor.id] = neighbor.distance + 1;
    for (std::size_t id = 0; id < distances.size(); id += 2) {
      if (distances[id] != distances[id + 1]) return false;
    }
    return true;
  };
  REQUIRE(count_failures(change, read) == 0);
}

TEST_CASE("every kind of call may run beside a writer that adds and removes rows") {
  HammingIndex index;
  const Code probe = code_with_ones(kCodeBytes, 10);
  index.upsert(1'000'000, probe);  // never removed
  std::mt19937_64 changes(7);
  const auto change = [&](int) {
    const RowId id = changes() % 1000;
    if (changes() % 2 == 0) {
      index.upsert(id, code_with_ones(kCodeBytes, 11 + changes() % 400), static_cast<PartitionId>(id % 3));
    } else {
      index.remove(id);
    }
  };
  const auto read = [&](std::mt19937_64& random) {
    const Neighbor expected{1'000'000, 0};
    switch (random() % 5) {
      case 0:
        return index.search(probe, {.k = 1}).front() == expected;
      case 1:
        return index.search_batch(probe, {.k = 3}).front().front() == expected;
      case 2:
        return index.search_radius(probe, 0).size() == 1;
      case 3:
        return index.contains(1'000'000) && index.code(1'000'000) == probe;
      default:
        return index.size() >= 1 && index.memory_bytes() > 0;
    }
  };
  REQUIRE(count_failures(change, read) == 0);
}

TEST_CASE("a row that moves from list to list is always found once") {
  HammingIndex index({.code_bits = 512, .kernel = "", .min_rows_for_lists = 200, .rows_per_list = 8});
  std::mt19937_64 random(3);
  // Two groups far apart, between which one row moves to and fro.
  for (RowId id = 1; id < 400; ++id) {
    index.upsert(id, code_with_ones(kCodeBytes, (id % 2 == 0 ? 0 : 400) + random() % 60));
  }
  const RowId moving = 0;
  index.upsert(moving, code_with_ones(kCodeBytes, 30));
  const auto change = [&](int i) {
    index.upsert(moving, code_with_ones(kCodeBytes, i % 2 == 0 ? 430 : 30));
    // Others come and go, so that places are used again.
    index.upsert(1000 + static_cast<RowId>(i % 50),
                 code_with_ones(kCodeBytes, static_cast<std::size_t>(i) % 512));
    index.remove(1000 + static_cast<RowId>(i * 7 % 50));
  };
  const auto read = [&](std::mt19937_64& random_read) {
    HammingSearchOptions options{.k = 1000, .target_recall = random_read() % 2 == 0 ? 0.9 : 1.0};
    std::vector<std::uint64_t> allowed{1};
    if (random_read() % 2 == 0) options.allowed_ids = allowed;
    const auto found = index.search(Code(kCodeBytes), options);
    return 1 == std::count_if(found.begin(), found.end(), [&](const Neighbor& neighbor) {
             return neighbor.id == moving && (neighbor.distance == 30 || neighbor.distance == 430);
           });
  };
  REQUIRE(count_failures(change, read) == 0);
}

TEST_CASE("writers in several threads wait for each other") {
  HammingIndex index({.code_bits = 512, .kernel = "", .min_rows_for_lists = 100, .rows_per_list = 8});
  std::vector<std::thread> writers;
  for (RowId writer = 0; writer < 3; ++writer) {
    writers.emplace_back([&index, writer] {
      for (RowId i = 0; i < 300; ++i) {
        index.upsert(3 * i + writer, code_with_ones(kCodeBytes, i));
        if (i % 100 == 99) index.maintain();
        if (i % 3 == 0) index.remove(3 * (i / 2) + writer);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  REQUIRE(index.search(Code(kCodeBytes), {.k = 1000}).size() == index.size());
}

TEST_CASE("a change that returned is seen by every later search of other threads") {
  HammingIndex index;
  std::atomic<RowId> last_written = 0;
  const auto change = [&](int i) {
    const RowId id = static_cast<RowId>(i) + 1;
    index.upsert(id, Code(kCodeBytes));
    last_written = id;
  };
  const auto read = [&](std::mt19937_64&) {
    const RowId id = last_written;
    return id == 0 || index.contains(id);
  };
  REQUIRE(count_failures(change, read) == 0);
}

}  // namespace vitrine

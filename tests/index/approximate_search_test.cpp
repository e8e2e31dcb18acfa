// SPDX-License-Identifier: MIT
// Recall of searches that need not be exact, on codes with and without clusters. Rows as near as the k-th
// true neighbour count as found.
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>

#include "index/codes.h"
#include "vitrine/hamming_index.h"

namespace vitrine {
namespace {

using test::Code;
using test::random_code;

constexpr std::size_t kCodeBytes = 64;
constexpr std::size_t kNeighbors = 20;

Code with_noise(std::mt19937_64& random, Code code, double share) {
  for (std::size_t bit = 0; bit < code.size() * 8; ++bit) {
    if (static_cast<double>(random() % 1'000'000) < share * 1e6) code[bit / 8] ^= std::byte{1} << (bit % 8);
  }
  return code;
}

// Rows around random centres.
class Rows {
 public:
  Rows(std::size_t num_centres, double spread, std::uint64_t seed) : random_(seed), spread_(spread) {
    for (std::size_t i = 0; i < num_centres; ++i) centres_.push_back(random_code(random_, kCodeBytes));
  }
  Code row(std::size_t begin, std::size_t end) {
    return with_noise(random_, centres_[begin + random_() % (end - begin)], spread_);
  }
  Code row() { return row(0, centres_.size()); }

 private:
  std::mt19937_64 random_;
  double spread_;
  std::vector<Code> centres_;
};

HammingIndexOptions small_lists() {
  return {.code_bits = kCodeBytes * 8, .kernel = "", .min_rows_for_lists = 2000, .rows_per_list = 32};
}

double recall(const HammingIndex& index, Rows& rows, HammingSearchOptions options, int num_queries = 200,
              double noise = 0) {
  std::mt19937_64 random(9);
  options.k = kNeighbors;
  std::size_t num_found = 0;
  std::size_t num_true = 0;
  for (int i = 0; i < num_queries; ++i) {
    const Code query = with_noise(random, rows.row(), noise);
    HammingSearchOptions exact = options;
    exact.target_recall = 1;
    exact.coarse_z.reset();
    const auto expected = index.search(query, exact);
    const auto found = index.search(query, options);
    REQUIRE(found.size() == expected.size());
    num_true += expected.size();
    num_found += static_cast<std::size_t>(std::count_if(found.begin(), found.end(), [&](const Neighbor& row) {
      return row.distance <= expected.back().distance;
    }));
  }
  return num_true == 0 ? 1 : static_cast<double>(num_found) / static_cast<double>(num_true);
}

}  // namespace

TEST_CASE("searches reach their target recall, also after rows were replaced") {
  // Many small clusters, few large ones, none.
  const auto [num_centres, spread] =
      GENERATE(table<std::size_t, double>({{400, 0.1}, {20, 0.2}, {20'000, 0.3}}));
  Rows rows(num_centres, spread, 1);
  HammingIndex index(small_lists());
  for (RowId id = 0; id < 12'000; ++id) index.upsert(id, rows.row());
  REQUIRE_FALSE(index.stats().calibrated.empty());
  for (const int round : {0, 1}) {
    for (const double target : {0.9, 0.95, 0.99}) {
      INFO(num_centres << " centres, round " << round << ", target " << target);
      CHECK(recall(index, rows, {.target_recall = target}) >= target - 0.03);
    }
    for (RowId id = 0; id < 4'000; ++id) index.upsert(3 * id, rows.row());
  }
}

TEST_CASE("queries that are farther from everything than rows reach their target recall") {
  const auto [num_centres, spread] = GENERATE(table<std::size_t, double>({{400, 0.1}, {20'000, 0.3}}));
  Rows rows(num_centres, spread, 10);
  HammingIndex index(small_lists());
  for (RowId id = 0; id < 12'000; ++id) index.upsert(id, rows.row());
  for (const double target : {0.9, 0.95, 0.99}) {
    INFO(num_centres << " centres, target " << target);
    CHECK(recall(index, rows, {.target_recall = target}, 150, 0.05) >= target - 0.02);
  }
}

TEST_CASE("new kinds of rows do not cost recall") {
  Rows rows(300, 0.12, 2);
  HammingIndex index(small_lists());
  RowId id = 0;
  while (id < 3'000) index.upsert(id++, rows.row(0, 30));
  while (id < 15'000) index.upsert(id++, rows.row(30, 300));
  index.maintain();
  const double drifted = recall(index, rows, {.target_recall = 0.95});
  INFO("drifted " << drifted);
  REQUIRE(drifted >= 0.92);
  index.optimize();
  REQUIRE(recall(index, rows, {.target_recall = 0.95}) >= 0.92);
}

TEST_CASE("filters of any selectivity find k rows at the target recall") {
  Rows rows(200, 0.12, 3);
  HammingIndex index(small_lists());
  for (RowId id = 0; id < 10'000; ++id) index.upsert(id, rows.row(), static_cast<PartitionId>(id % 5));
  for (const RowId divisor : {1, 3, 20, 400, 5'000}) {
    INFO("one row in " << divisor);
    const auto filter = [divisor](RowId id) { return id % divisor == 0; };
    std::vector<std::uint64_t> bits(10'000 / 64 + 1);
    for (RowId id = 0; id < 10'000; id += divisor) bits[id / 64] |= std::uint64_t{1} << (id % 64);
    const std::vector<PartitionId> partitions{0, 2};
    CHECK(recall(index, rows, {.target_recall = 0.95, .filter = filter}, 50) >= 0.92);
    CHECK(recall(index, rows, {.target_recall = 0.95, .allowed_ids = bits}, 50) >= 0.92);
    CHECK(recall(index, rows, {.target_recall = 0.95, .partitions = partitions, .filter = filter}, 50) >=
          0.92);
    for (int i = 0; i < 20; ++i) {
      const Code query = rows.row();
      REQUIRE(index.search(query, {.allowed_ids = bits}) == index.search(query, {.filter = filter}));
    }
  }
}

TEST_CASE("the coarse filter loses almost nothing at three standard deviations") {
  Rows rows(100, 0.15, 4);
  HammingIndex index;
  for (RowId id = 0; id < 20'000; ++id) index.upsert(id, rows.row());
  REQUIRE(recall(index, rows, {.coarse_z = 3.0}) >= 0.9995);
  REQUIRE(recall(index, rows, {.coarse_z = 100.0}) == 1);
}

TEST_CASE("the coarse filter keeps its promise where lists tell it the limit, with and without clusters") {
  const auto [num_centres, spread] = GENERATE(table<std::size_t, double>({{400, 0.1}, {20'000, 0.3}}));
  Rows rows(num_centres, spread, 11);
  HammingIndex index(small_lists());
  for (RowId id = 0; id < 12'000; ++id) index.upsert(id, rows.row(), static_cast<PartitionId>(id % 3));
  const std::vector<PartitionId> partitions{0, 2};
  INFO(num_centres << " centres");
  CHECK(recall(index, rows, {.coarse_z = 3.0}) >= 0.999);
  CHECK(recall(index, rows, {.partitions = partitions, .coarse_z = 3.0}) >= 0.999);
}

TEST_CASE("restricted searches return exactly the nearest rows that qualify, or all of them") {
  Rows rows(300, 0.2, 12);
  HammingIndex index(small_lists());
  struct Row {
    Code code;
    PartitionId partition;
  };
  std::vector<Row> stored;
  for (RowId id = 0; id < 8'000; ++id) {
    stored.push_back({rows.row(), static_cast<PartitionId>(id % 4)});
    index.upsert(id, stored.back().code, stored.back().partition);
  }
  for (RowId id = 0; id < stored.size(); id += 7) {
    index.remove(id);
    stored[id].code.clear();
  }
  const std::vector<PartitionId> partitions{1};
  for (const RowId divisor : {1, 2, 10, 100, 1'000, 4'000}) {
    const auto filter = [divisor](RowId id) { return id % divisor == 3 % divisor; };
    std::vector<std::uint64_t> bits(stored.size() / 64 + 1);
    for (RowId id = 3 % divisor; id < stored.size(); id += divisor) {
      bits[id / 64] |= std::uint64_t{1} << (id % 64);
    }
    for (const bool in_partition : {false, true}) {
      HammingSearchOptions options{.k = kNeighbors};
      if (in_partition) options.partitions = partitions;
      const Code query = rows.row();
      std::vector<Neighbor> expected;
      for (RowId id = 0; id < stored.size(); ++id) {
        const Row& row = stored[id];
        if (row.code.empty() || !filter(id) || (in_partition && row.partition != 1)) continue;
        std::uint32_t distance = 0;
        for (std::size_t byte = 0; byte < kCodeBytes; ++byte) {
          distance +=
              static_cast<unsigned>(std::popcount(std::to_integer<unsigned>(row.code[byte] ^ query[byte])));
        }
        expected.push_back({id, distance});
      }
      std::sort(expected.begin(), expected.end(), [](const Neighbor& left, const Neighbor& right) {
        return left.distance != right.distance ? left.distance < right.distance : left.id < right.id;
      });
      expected.resize(std::min(expected.size(), kNeighbors));
      INFO("one row in " << divisor << (in_partition ? " of a partition" : ""));
      options.allowed_ids = bits;
      CHECK(index.search(query, options) == expected);
      options.target_recall = 0.9;
      CHECK(index.search(query, options).size() == expected.size());
      options.allowed_ids.reset();
      options.filter = filter;
      CHECK(index.search(query, options).size() == expected.size());
      options.target_recall = 1;
      CHECK(index.search(query, options) == expected);
    }
  }
}

TEST_CASE("a coarse search judges by bits from everywhere in the code") {
  // Only bits in the second half differ between rows, as in a learned code whose halves mean different
  // things.
  std::mt19937_64 random(5);
  HammingIndex index;
  for (RowId id = 0; id < 5'000; ++id) {
    Code code = random_code(random, kCodeBytes);
    std::fill_n(code.begin(), kCodeBytes / 2, std::byte{0});
    index.upsert(id, code);
  }
  Code query = random_code(random, kCodeBytes);
  std::fill_n(query.begin(), kCodeBytes / 2, std::byte{0});
  const auto expected = index.search(query, {.k = kNeighbors});
  const auto found = index.search(query, {.k = kNeighbors, .coarse_z = 3.0});
  REQUIRE(found == expected);
}

TEST_CASE("the same rows and seed give the same lists and results") {
  for (const std::size_t num_threads : {1, 3}) {
    std::vector<std::vector<Neighbor>> results;
    for (int repeat = 0; repeat < 2; ++repeat) {
      Rows rows(100, 0.2, 6);
      HammingIndex index(small_lists());
      for (RowId id = 0; id < 5'000; ++id) index.upsert(id, rows.row());
      index.optimize(num_threads);
      results.push_back(index.search(rows.row(), {.k = 100, .target_recall = 0.9}));
    }
    REQUIRE(results[0] == results[1]);
  }
}

TEST_CASE("maintenance comes to an end") {
  Rows rows(500, 0.2, 8);
  HammingIndex index(small_lists());
  for (RowId id = 0; id < 120'000; ++id) index.upsert(id, rows.row());
  for (RowId id = 0; id < 120'000; id += 5) index.remove(id);
  int num_calls = 0;
  while (index.maintain(20'000)) REQUIRE(++num_calls < 50);
}

TEST_CASE("memory of removed rows is given back") {
  Rows rows(500, 0.2, 7);
  HammingIndex index(small_lists());
  constexpr RowId kNumRows = 150'000;
  for (RowId id = 0; id < kNumRows; ++id) index.upsert(id, rows.row());
  const std::size_t full = index.memory_bytes();
  for (RowId id = 0; id < kNumRows; ++id) {
    if (id % 5 != 0) REQUIRE(index.remove(id));
  }
  while (index.maintain()) {
  }
  REQUIRE(index.size() == kNumRows / 5);
  REQUIRE(index.memory_bytes() <= full / 2);
}

}  // namespace vitrine

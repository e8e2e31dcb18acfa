// SPDX-License-Identifier: MIT
// Random changes and questions, answered by a HammingIndex and by a std::map.
#include <algorithm>
#include <catch2/catch.hpp>
#include <tuple>

#include "index/reference_index.h"
#include "temporary_folder.h"

namespace vitrine::test {
namespace {

struct Parameters {
  std::size_t code_bits;
  RowId num_ids;  // ids are drawn from these, so rows are replaced and removed often
  PartitionId num_partitions;
  unsigned random_bits;  // codes differ in few bits, so distances are often equal
  std::size_t num_operations;
  // Small values form lists from few rows on.
  std::size_t min_rows_for_lists = 50'000;
  std::size_t rows_per_list = 128;
};

class Player {
 public:
  Player(const Parameters& parameters, std::uint64_t seed)
      : parameters_(parameters),
        random_(seed),
        index_({.code_bits = parameters.code_bits,
                .kernel = "",
                .min_rows_for_lists = parameters.min_rows_for_lists,
                .rows_per_list = parameters.rows_per_list}) {}

  void play() {
    for (std::size_t i = 0; i < parameters_.num_operations; ++i) {
      switch (below(64)) {
        case 0:
          search();
          break;
        case 1:
          below(8) == 0 ? search_batch() : search_radius();
          search_inexactly();
          break;
        case 2:
          upsert_batch();
          break;
        case 3:
          if (below(64) == 0) remove_partition();
          if (below(16) == 0) index_.maintain(below(1000));
          if (below(64) == 0) index_.optimize(1 + below(2));
          if (below(32) == 0) reopen();
          break;
        default:
          // Drift slowly between a nearly empty and a nearly full index.
          below(100) < (i / 4000 % 2 == 0 ? 60 : 40) ? upsert() : remove();
      }
      REQUIRE(index_.size() == reference_.rows().size());
    }
    compare_rows();
  }

 private:
  std::size_t below(std::size_t end) { return random_() % end; }
  // Far apart, so that no part of an id is ignored.
  RowId any_id() { return below(parameters_.num_ids) * 0x9e3779b97f4a7c15; }
  PartitionId any_partition() { return static_cast<PartitionId>(below(parameters_.num_partitions)); }

  Code any_code() {
    Code code(parameters_.code_bits / 8);
    for (unsigned i = 0; i < parameters_.random_bits; ++i) {
      const std::size_t bit = below(parameters_.code_bits);
      code[bit / 8] ^= std::byte{1} << (bit % 8);
    }
    return code;
  }

  void upsert() {
    const RowId id = any_id();
    const PartitionId partition = any_partition();
    Code code = any_code();
    index_.upsert(id, code, partition);
    reference_.upsert(id, std::move(code), partition);
  }

  void upsert_batch() {
    std::vector<RowId> ids(below(20));
    std::vector<PartitionId> partitions(below(2) == 0 ? 0 : ids.size());
    Code codes;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      ids[i] = any_id();
      if (!partitions.empty()) partitions[i] = any_partition();
      const Code code = any_code();
      codes.insert(codes.end(), code.begin(), code.end());
      reference_.upsert(ids[i], code, partitions.empty() ? 0 : partitions[i]);
    }
    index_.upsert_batch(ids, codes, partitions);
  }

  void remove() {
    const RowId id = any_id();
    REQUIRE(index_.contains(id) == (reference_.rows().count(id) != 0));
    REQUIRE(index_.remove(id) == reference_.remove(id));
  }

  void remove_partition() {
    const PartitionId partition = any_partition();
    std::vector<RowId> ids;
    for (const auto& [id, row] : reference_.rows()) {
      if (row.partition == partition) ids.push_back(id);
    }
    for (const RowId id : ids) {
      REQUIRE(index_.remove(id));
      reference_.remove(id);
    }
  }

  void reopen() {
    const auto path = folder_.path() / "index";
    index_.save(path);
    index_ = HammingIndex::open(path, {.check_rows = true, .check_map = true});
  }

  HammingSearchOptions any_options() {
    HammingSearchOptions options;
    const std::size_t ks[] = {1, 2, 10, 100, reference_.rows().size() + 1};
    options.k = ks[below(5)];
    if (below(3) == 0)
      options.max_distance = static_cast<std::uint32_t>(below(2 * parameters_.random_bits + 2));
    partitions_.clear();
    if (below(3) == 0) {
      for (std::size_t i = below(4); i > 0; --i) partitions_.push_back(any_partition());
    }
    options.partitions = partitions_;
    const RowId divisor = 2 + below(50);
    if (below(3) == 0) options.filter = [divisor](RowId id) { return id % divisor == 0; };
    return options;
  }

  // An inexact search may miss rows, but what it finds is there, and it finds k if k rows qualify.
  void search_inexactly() {
    HammingSearchOptions options = any_options();
    const Code code = any_code();
    const auto expected = reference_.search(code, options);
    HammingSearchOptions all = options;
    all.k = reference_.rows().size() + 1;
    const auto qualifying = reference_.search(code, all);
    if (below(4) == 0) {
      options.coarse_z = static_cast<double>(below(4));
    } else {
      options.target_recall = 0.9;
    }
    const auto found = index_.search(code, options);
    if (!options.coarse_z) REQUIRE(found.size() == expected.size());
    REQUIRE(std::includes(qualifying.begin(), qualifying.end(), found.begin(), found.end(),
                          [](const Neighbor& left, const Neighbor& right) {
                            return std::tie(left.distance, left.id) < std::tie(right.distance, right.id);
                          }));
  }

  void search() {
    const HammingSearchOptions options = any_options();
    const Code code = any_code();
    REQUIRE(index_.search(code, options) == reference_.search(code, options));
  }

  void search_radius() {
    const HammingSearchOptions options = any_options();
    const Code code = any_code();
    const auto radius = static_cast<std::uint32_t>(below(2 * parameters_.random_bits + 2));
    REQUIRE(index_.search_radius(code, radius, options) == reference_.search_radius(code, radius, options));
  }

  void search_batch() {
    const HammingSearchOptions options = any_options();
    Code codes;
    std::vector<std::vector<Neighbor>> expected(below(12));
    for (auto& neighbors : expected) {
      const Code code = any_code();
      codes.insert(codes.end(), code.begin(), code.end());
      neighbors = reference_.search(code, options);
    }
    REQUIRE(index_.search_batch(codes, options) == expected);
  }

  void compare_rows() {
    for (const auto& [id, row] : reference_.rows()) REQUIRE(index_.code(id) == row.code);
    HammingSearchOptions all;
    const auto radius = static_cast<std::uint32_t>(parameters_.code_bits);
    const Code code = any_code();
    REQUIRE(index_.search_radius(code, radius, all) == reference_.search_radius(code, radius, all));
  }

  Parameters parameters_;
  std::mt19937_64 random_;
  TemporaryFolder folder_;
  HammingIndex index_;
  ReferenceIndex reference_;
  std::vector<PartitionId> partitions_;
};

}  // namespace

TEST_CASE("an index answers like a map: a few hundred short codes, few partitions") {
  Player({.code_bits = 64, .num_ids = 400, .num_partitions = 3, .random_bits = 6, .num_operations = 60'000},
         1)
      .play();
}

TEST_CASE("an index answers like a map: default codes in several chunks, some partitions") {
  Player(
      {.code_bits = 512, .num_ids = 6'000, .num_partitions = 20, .random_bits = 12, .num_operations = 60'000},
      2)
      .play();
}

TEST_CASE("an index answers like a map: a partition for nearly every row") {
  Player(
      {.code_bits = 192, .num_ids = 700, .num_partitions = 2'000, .random_bits = 4, .num_operations = 50'000},
      3)
      .play();
}

TEST_CASE("an index answers like a map: the longest codes, almost all distances equal") {
  Player({.code_bits = 4096, .num_ids = 300, .num_partitions = 2, .random_bits = 1, .num_operations = 30'000},
         4)
      .play();
}

TEST_CASE("an index answers like a map: lists that are split, merged and trained anew") {
  Player({.code_bits = 512,
          .num_ids = 3'000,
          .num_partitions = 2,
          .random_bits = 12,
          .num_operations = 60'000,
          .min_rows_for_lists = 200,
          .rows_per_list = 16},
         5)
      .play();
}

TEST_CASE("an index answers like a map: lists of equal codes in many partitions") {
  Player({.code_bits = 128,
          .num_ids = 2'000,
          .num_partitions = 12,
          .random_bits = 1,
          .num_operations = 40'000,
          .min_rows_for_lists = 100,
          .rows_per_list = 8},
         6)
      .play();
}

}  // namespace vitrine::test

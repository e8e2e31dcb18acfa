// SPDX-License-Identifier: MIT
// A snapshot answers as its state did, whatever happens to the index afterwards.
#include <catch2/catch.hpp>
#include <random>

#include "index/reference_index.h"

namespace vitrine::test {
namespace {

constexpr std::size_t kCodeBytes = 16;
constexpr RowId kNumIds = 1500;

void change_some(HammingIndex& index, ReferenceIndex& reference, std::mt19937_64& random) {
  for (int i = 0; i < 400; ++i) {
    const RowId id = random() % kNumIds;
    if (random() % 3 == 0) {
      CHECK(index.remove(id) == reference.remove(id));
    } else {
      const Code code = random_code(random, kCodeBytes);
      const auto partition = static_cast<PartitionId>(random() % 3);
      index.upsert(id, code, partition);
      reference.upsert(id, code, partition);
    }
  }
}

void check_answers(const HammingIndex::Snapshot& snapshot, const ReferenceIndex& reference) {
  std::mt19937_64 random(5);
  CHECK(snapshot.size() == reference.rows().size());
  // Few enough to be looked up by their ids, and too many for it.
  for (const std::size_t num_allowed : {std::size_t{0}, std::size_t{3}, std::size_t{700}}) {
    std::vector<std::uint64_t> allowed(kNumIds / 64 + 1);
    for (std::size_t i = 0; i < num_allowed; ++i) {
      const RowId id = random() % kNumIds;
      allowed[id / 64] |= std::uint64_t{1} << (id % 64);
    }
    const PartitionId wanted[] = {1};
    HammingSearchOptions options{.k = 2000};
    HammingSearchOptions same_as_filter = options;
    if (num_allowed > 0) {
      options.allowed_ids = allowed;
      same_as_filter.filter = [&](RowId id) { return (allowed[id / 64] >> (id % 64) & 1) != 0; };
    }
    INFO(num_allowed << " ids allowed");
    const Code query = random_code(random, kCodeBytes);
    CHECK(snapshot.search(query, options) == reference.search(query, same_as_filter));
    options.partitions = same_as_filter.partitions = wanted;
    CHECK(snapshot.search(query, options) == reference.search(query, same_as_filter));
  }
}

}  // namespace

TEST_CASE("a snapshot keeps its state through changes, training and the removal of all rows") {
  // With and without lists of similar rows.
  HammingIndex index({.code_bits = kCodeBytes * 8,
                      .min_rows_for_lists = GENERATE(std::size_t{200}, std::size_t{50'000}),
                      .rows_per_list = 8});
  ReferenceIndex reference;
  std::mt19937_64 random(3);
  std::vector<std::pair<HammingIndex::Snapshot, ReferenceIndex>> kept;
  for (int step = 0; step < 6; ++step) {
    change_some(index, reference, random);
    kept.emplace_back(index.snapshot(), reference);
    if (step == 3) index.optimize();
    if (step == 4) kept.erase(kept.begin() + 1);
    INFO("step " << step);
    for (const auto& [snapshot, then] : kept) check_answers(snapshot, then);
  }
  while (!reference.rows().empty()) {
    const RowId id = reference.rows().begin()->first;
    index.remove(id);
    reference.remove(id);
  }
  index.maintain();
  CHECK(index.search(random_code(random, kCodeBytes)).empty());
  for (const auto& [snapshot, then] : kept) check_answers(snapshot, then);
}

}  // namespace vitrine::test

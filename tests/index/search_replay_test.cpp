// SPDX-License-Identifier: MIT
#include "index/search_replay.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <cstring>
#include <unordered_map>

#include "index/codes.h"
#include "index/list_keeper.h"
#include "index/list_search.h"

namespace vitrine::index {
namespace {

StopRule constant_rule(int margin) {
  StopRule rule;
  rule.code_bits = 512;
  rule.margins.fill(static_cast<std::int16_t>(margin));
  return rule;
}

}  // namespace

TEST_CASE("a replayed search stops at the first list that is too far for the k-th row so far") {
  const std::vector<NearRow> rows = {{10, 100, 1}, {20, 130, 2}, {40, 100, 1}, {50, 101, 3}, {60, 0, 4}};
  const SearchReplay replay(rows, 2);
  REQUIRE(replay.kth_distance() == 20);
  // After lists 4 and 1 the second nearest is 40 away: list 2 is reached from a margin of 90 on.
  CHECK(replay.recall(constant_rule(89)) == 0.5);
  CHECK(replay.recall(constant_rule(90)) == 1);
  // Fewer than k rows never stop a search.
  CHECK(SearchReplay(rows, 5).recall(constant_rule(-512)) == 1);
}

TEST_CASE("a replayed search finds what a search finds") {
  std::mt19937_64 random(1);
  constexpr std::size_t kWords = 8;
  constexpr std::size_t kNeighbors = 20;
  const hamming::Kernel& kernel = hamming::select_kernel("");
  RowLists rows(kWords);
  ListKeeper keeper(rows, kernel, {1000, 32, 1});
  std::vector<test::Code> centres;
  for (int i = 0; i < 200; ++i) centres.push_back(test::random_code(random, kWords * 8));
  const auto draw = [&] {
    test::Code code = centres[random() % centres.size()];
    for (int flips = 0; flips < 120; ++flips) code[random() % code.size()] ^= std::byte{1} << (random() % 8);
    std::vector<std::uint64_t> words(kWords);
    std::memcpy(words.data(), code.data(), code.size());
    return words;
  };
  for (RowId id = 0; id < 4000; ++id) keeper.upsert(id, draw().data(), 0);
  rows.commit();
  keeper.train(1);

  const auto pin = rows.pin();
  const RowFilter everything{HammingSearchOptions{}};
  const SearchContext context{rows, kernel, pin.version(), everything};
  for (const int margin : {0, 20, 40}) {
    double searched = 0;
    double replayed = 0;
    for (int i = 0; i < 100; ++i) {
      const auto query = draw();
      NearestSelection exact(rows.blocks(), 200, kWords * 64);
      Scanner(context, query, {&exact, 1}).scan_all();
      NearestSelection unused(rows.blocks(), 1, 0);
      std::unordered_map<ListIndex, std::uint16_t> centroids;
      for (const ListDistance& list : ListSearch(context, query, unused).all_lists()) {
        centroids[list.list] = list.distance;
      }
      std::vector<NearRow> nearest;
      for (const Neighbor& row : exact.take()) {
        const ListIndex list = rows.blocks().owner(*rows.find(row.id) / hamming::kRowsPerBlock);
        nearest.push_back({static_cast<std::uint16_t>(row.distance), centroids[list], list});
      }
      const SearchReplay replay(nearest, kNeighbors);
      replayed += replay.recall(constant_rule(margin));
      NearestSelection found(rows.blocks(), kNeighbors, kWords * 64);
      ListSearch(context, query, found).visit_near(constant_rule(margin));
      for (const Neighbor& row : found.take()) {
        searched += row.distance <= replay.kth_distance() ? 1.0 / kNeighbors : 0;
      }
    }
    INFO("margin " << margin << ": " << searched << " searched, " << replayed << " replayed");
    CHECK(std::abs(searched - replayed) <= 1);
  }
}

}  // namespace vitrine::index

// SPDX-License-Identifier: MIT
#include "index/row_lists.h"

#include <catch2/catch.hpp>
#include <set>

namespace vitrine::index {

TEST_CASE("a list that ends where a chunk ends goes on in the next one as another extent") {
  constexpr std::size_t kWords = kMaxWords;  // makes chunks small
  RowLists rows(kWords);
  const std::size_t rows_per_chunk = rows.blocks().chunk_blocks() * hamming::kRowsPerBlock;
  const ListIndex list = rows.create_list(0, nullptr);
  rows.reserve(list, rows_per_chunk);
  std::vector<std::uint64_t> code(kWords);
  std::set<Slot> slots;
  for (RowId id = 0; id < 2 * rows_per_chunk + 100; ++id) {
    code[0] = id;
    slots.insert(rows.add(list, id, code.data()));
  }
  rows.commit();
  REQUIRE(slots.size() == 2 * rows_per_chunk + 100);
  REQUIRE(rows.slots(list).size() == slots.size());
  const auto pin = rows.pin();
  const ListVersion* version = rows.lists().at(list, pin.version());
  REQUIRE(version->num_blocks < 2 * rows.blocks().chunk_blocks() + 100);
  for (const Extent& extent : version->extents()) {
    const std::size_t last = extent.first + extent.num_blocks - 1;
    REQUIRE(extent.first / rows.blocks().chunk_blocks() == last / rows.blocks().chunk_blocks());
  }
  for (const RowId id : {RowId{0}, rows_per_chunk - 1, rows_per_chunk, 2 * rows_per_chunk + 99}) {
    const auto slot = rows.find(id);
    REQUIRE(slot);
    rows.blocks().read_code(*slot, code.data());
    CHECK(code[0] == id);
    CHECK(rows.is_live(*slot, pin.version()));
  }
}

}  // namespace vitrine::index

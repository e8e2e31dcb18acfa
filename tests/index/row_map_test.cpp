// SPDX-License-Identifier: MIT
#include "index/row_map.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

namespace vitrine::index {

TEST_CASE("a row map answers like a map while ids come, go and change slots") {
  std::mt19937_64 random(8);
  BlockStore rows(1);
  RowMap slots(rows);
  std::map<RowId, Slot> expected;
  std::vector<Slot> free;
  const std::uint64_t code = 0;
  const auto take = [&] {
    if (free.empty()) {
      const BlockIndex block = rows.allocate(1);
      for (Slot row = 0; row < 8; ++row) free.push_back(block * 8 + row);
    }
    const Slot slot = free.back();
    free.pop_back();
    return slot;
  };
  for (std::size_t i = 0; i < 100'000; ++i) {
    const RowId id = random() % (i < 50'000 ? 300 : 8'000);
    const auto found = slots.find(id);
    REQUIRE(found.has_value() == (expected.count(id) != 0));
    if (found) {
      REQUIRE(*found == expected[id]);
      if (random() % 3 == 0) {
        const Slot slot = take();
        rows.write_row(slot, id, &code);
        slots.replace(id, *found, slot);
        expected[id] = slot;
      } else {
        slots.erase(id, *found);
        expected.erase(id);
      }
      free.insert(free.begin(), *found);
    } else {
      const Slot slot = take();
      rows.write_row(slot, id, &code);
      slots.insert(id, slot);
      expected[id] = slot;
    }
  }
  for (const auto& [id, slot] : expected) REQUIRE(slots.find(id) == slot);
}

}  // namespace vitrine::index

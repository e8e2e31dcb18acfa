// SPDX-License-Identifier: MIT
#include "index/slot_map.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

#include "index/codes.h"

namespace vitrine::index {

TEST_CASE("a slot map answers like a map while ids come and go") {
  std::mt19937_64 random(8);
  RowStore rows(1);
  SlotMap slots(rows);
  std::map<RowId, Slot> expected;
  const test::Code code(8);
  for (std::size_t i = 0; i < 50'000; ++i) {
    // Few ids keep the table small, so that probe sequences wrap around its end.
    const RowId id = random() % (i < 25'000 ? 30 : 3'000);
    const auto found = slots.find(id);
    REQUIRE(found.has_value() == (expected.count(id) != 0));
    if (found) {
      REQUIRE(*found == expected[id]);
      slots.erase(id);
      rows.remove(*found);
      expected.erase(id);
    } else {
      rows.reserve_partition(0);
      rows.reserve_blocks(1);
      slots.reserve(1);
      const Slot slot = rows.add(id, code, 0);
      slots.insert(id, slot);
      expected[id] = slot;
    }
    REQUIRE(slots.size() == expected.size());
  }
}

TEST_CASE("a slot map gives an id another slot") {
  RowStore rows(1);
  SlotMap slots(rows);
  rows.reserve_partition(0);
  rows.reserve_blocks(1);
  slots.reserve(1);
  const test::Code code(8);
  slots.insert(1, rows.add(1, code, 0));
  const Slot other = rows.add(1, code, 0);
  slots.replace(1, other);
  REQUIRE(slots.find(1) == other);
  REQUIRE(slots.size() == 1);
}

}  // namespace vitrine::index

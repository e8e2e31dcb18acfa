// SPDX-License-Identifier: MIT
// The table of rows against a plain map, through thousands of changes, each state made from the one before.
#include "engine/row_table.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <tuple>

#include "engine/test_folder.h"
#include "vitrine/catalog.h"

using namespace vitrine;
using engine::RowTable;

namespace {

using Plain = std::map<ItemId, std::tuple<std::uint32_t, std::uint64_t, std::uint32_t>>;

Plain plain_of(const Catalog& catalog) {
  Plain plain;
  catalog.for_each_row([&](const Catalog::Row& row) {
    plain[row.id] = {row.address.segment, row.address.row, row.category_index};
  });
  return plain;
}

Plain plain_of(const RowTable& table) {
  Plain plain;
  for (const std::size_t row : table.rows())
    plain[table.id(row)] = {table.address(row).segment, table.address(row).row, table.category_index(row)};
  return plain;
}

void check_equal(const RowTable& table, const Catalog& catalog) {
  const Plain plain = plain_of(catalog);
  REQUIRE(plain_of(table) == plain);
  CHECK(table.size() == plain.size());
  CHECK(table.rows().size() == plain.size());
  CHECK(table.state() == catalog.state());
  CHECK(table.largest_id() == (plain.empty() ? 0 : plain.rbegin()->first));
  std::map<std::uint32_t, std::uint64_t> counts;
  bool finds_all = true;
  for (const auto& [id, row] : plain) {
    ++counts[std::get<2>(row)];
    const auto found = table.row_of(id);
    finds_all = finds_all && found && table.id(*found) == id;
    finds_all = finds_all && (plain.contains(id + 1) || !table.row_of(id + 1));
  }
  CHECK(finds_all);
  for (std::uint32_t category = 0; category < table.category_counts().size(); ++category)
    CHECK(table.category_counts()[category] == counts[category]);
}

/// A catalogue of items whose category is a number.
class Shop {
 public:
  explicit Shop(const std::filesystem::path& folder)
      : catalog_(Catalog::create(folder, {"model", "model", 64, 0})) {}

  Catalog& catalog() { return catalog_; }
  void put(std::size_t number) { catalog_.upsert(item(number), std::vector<std::byte>(8), {}); }
  void remove(std::size_t number) {
    if (const auto id = catalog_.find(item(number).key)) catalog_.remove(*id);
  }
  void recategorise(std::size_t number) {
    if (const auto id = catalog_.find(item(number).key)) catalog_.update_metadata(*id, item(number));
  }

 private:
  Item item(std::size_t number) {
    Item item;
    item.key = {std::to_string(number), "x"};
    item.path = "path";
    item.category = std::to_string(random_() % 7);
    return item;
  }
  Catalog catalog_;
  std::mt19937_64 random_{5};
};

}  // namespace

TEST_CASE("tables made from each other are as tables made anew") {
  const test::TestFolder folder;
  Shop shop(folder / "shop.vitrine");
  std::mt19937_64 random(3);
  Catalog reader = Catalog::open(folder / "shop.vitrine");
  RowTable table = RowTable::read(reader, [](const Catalog::Row&) {});
  check_equal(table, reader);
  for (int commit = 0; commit < 60; ++commit) {
    INFO("commit " << commit);
    // Many new ones first, then changes all over, then all but a few go.
    for (int i = 0; i < 300; ++i) {
      const std::size_t number = random() % 4000;
      const bool grows = commit < 20;
      const auto choice = random() % 4;
      if (grows || choice == 0) {
        shop.put(number);
      } else if (choice == 1 && commit < 40) {
        shop.recategorise(number);
      } else {
        shop.remove(number);
      }
    }
    shop.catalog().commit();
    Catalog newest = reader.newest();
    const auto changes = newest.changes_since(table.state());
    REQUIRE(changes);
    std::map<ItemId, std::uint32_t> visited;
    RowTable later = RowTable::read_changes(newest, table, changes->touched, [&](const Catalog::Row& row) {
      visited[row.id] = row.category_index;
    });
    check_equal(later, newest);
    // Exactly what an index has to take over.
    Plain before = plain_of(table);
    for (const auto& [id, row] : plain_of(later)) {
      const bool is_same = before.contains(id) && std::get<2>(before[id]) == std::get<2>(row);
      if (is_same != !visited.contains(id)) FAIL("item " << id);
    }
    table = std::move(later);
    reader = std::move(newest);
  }
}

TEST_CASE("a table in a file is used where it lies, and goes on from there") {
  const test::TestFolder folder;
  Shop shop(folder / "shop.vitrine");
  for (std::size_t i = 0; i < 1300; ++i) shop.put(i);
  shop.catalog().commit();
  const Catalog reader = Catalog::open(folder / "shop.vitrine");
  const std::vector<std::byte> bytes = RowTable::read(reader, [](const Catalog::Row&) {}).bytes(reader);
  const auto attached = RowTable::attach(bytes, reader);
  REQUIRE(attached);
  check_equal(*attached, reader);
  CHECK(attached->bytes(reader) == bytes);
  for (const std::size_t number : {std::size_t{0}, std::size_t{511}, std::size_t{512}, std::size_t{1299}})
    shop.put(number);
  shop.recategorise(700);
  shop.catalog().commit();
  const Catalog newest = reader.newest();
  const RowTable later = RowTable::read_changes(
      newest, *attached, newest.changes_since(attached->state())->touched, [](const Catalog::Row&) {});
  check_equal(later, newest);
  check_equal(*attached, reader);
}

TEST_CASE("bytes that are no table of the catalogue are refused") {
  const test::TestFolder folder;
  Shop shop(folder / "shop.vitrine");
  for (std::size_t i = 0; i < 5; ++i) shop.put(i);
  shop.catalog().commit();
  const Catalog reader = Catalog::open(folder / "shop.vitrine");
  const std::vector<std::byte> good = RowTable::read(reader, [](const Catalog::Row&) {}).bytes(reader);
  REQUIRE(good.size() == 64 + 5 * 24);
  for (std::size_t length = 0; length < good.size(); ++length)
    CHECK_FALSE(RowTable::attach(std::span(good).first(length), reader));
  std::vector<std::byte> other_catalogue = good;
  other_catalogue[8] ^= std::byte{1};
  CHECK_FALSE(RowTable::attach(other_catalogue, reader));
  std::vector<std::byte> descending = good;
  descending[64] = std::byte{200};
  CHECK_FALSE(RowTable::attach(descending, reader));
  std::vector<std::byte> no_category = good;
  no_category[good.size() - 1] = std::byte{0x7f};
  CHECK_FALSE(RowTable::attach(no_category, reader));
}

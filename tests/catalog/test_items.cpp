// SPDX-License-Identifier: MIT
#include <cmath>
#include <limits>
#include <set>

#include "catalog/samples.h"

namespace vitrine::test {
namespace {

void check_equal(const Item& found, const Item& expected) {
  CHECK(found.key == expected.key);
  CHECK(found.path == expected.path);
  CHECK(found.category == expected.category);
  CHECK(found.hash == expected.hash);
  CHECK(found.file_size_bytes == expected.file_size_bytes);
  CHECK(found.modified_ns == expected.modified_ns);
  CHECK(found.width_px == expected.width_px);
  CHECK(found.height_px == expected.height_px);
  CHECK(found.box_px == expected.box_px);
  CHECK(found.attributes_json == expected.attributes_json);
  CHECK(found.quality == expected.quality);
}

struct StoredRow {
  ItemId id;
  std::vector<std::byte> code;
  std::vector<Half> feature;
  std::string category;
};

std::vector<StoredRow> rows_of(const Catalog& catalog) {
  std::vector<StoredRow> rows;
  catalog.for_each_row([&](const Catalog::Row& row) {
    rows.push_back({row.id,
                    {row.code.begin(), row.code.end()},
                    {row.feature, row.feature + kFeatureDim},
                    catalog.category_names().at(row.category_index)});
  });
  return rows;
}

Item odd_item() {
  Item item;
  item.key = {std::string("caf\xe9\0x", 6), "\xff\xfe"};
  item.path = "/not/utf8/\x80\x81.jpg";
  item.category =
      "Stra\xc3\x9f"
      "e 'quoted' \"twice\"";
  item.hash = {0xfedcba9876543210u, 0x8000000000000001u};
  item.file_size_bytes = std::numeric_limits<std::int64_t>::max();
  item.modified_ns = -1;
  item.width_px = 65535;
  item.height_px = 1;
  item.box_px = BoxPx{-3, 0, 20, 30};
  item.attributes_json = R"({ "a\"b" : [1, {"x": null}],  "big": 123456789012345678901234567890 })";
  item.quality = {{"price", 0.1}, {"sales", 1e300}, {"odd \"name\"", -0.0}};
  return item;
}

}  // namespace

TEST_CASE("every field of an item survives a commit and a new opening") {
  const CatalogFolder folder;
  const Item plain = item_of(1);
  const Item odd = odd_item();
  ItemId plain_id = 0;
  ItemId odd_id = 0;
  {
    Catalog catalog = Catalog::create(folder.shop(), small_identity());
    plain_id = catalog.upsert(plain, code_of(1), feature_of(1));
    odd_id = catalog.upsert(odd, code_of(2), feature_of(2));
    catalog.commit();
  }
  const Catalog catalog = Catalog::open(folder.shop());
  check_equal(catalog.item(plain_id).value(), plain);
  check_equal(catalog.item(odd_id).value(), odd);
  CHECK(catalog.find(odd.key) == odd_id);
  CHECK(catalog.find_by_hash(odd.hash) == odd_id);
  CHECK_FALSE(catalog.find({"product-1", "back"}));
  CHECK_FALSE(catalog.find_by_hash({1, 2}));
  CHECK_FALSE(catalog.item(odd_id + 1));
  const auto rows = rows_of(catalog);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].code == code_of(1));
  CHECK(rows[1].feature == feature_of(2));
  CHECK(rows[1].category == odd.category);
  CHECK(catalog.verify().empty());
}

TEST_CASE("a writer sees its own pending changes, a reader the state of its opening") {
  const CatalogFolder folder;
  Catalog writer = Catalog::create(folder.shop(), small_identity());
  const ItemId first = add(writer, 1);
  writer.commit();
  const Catalog reader = Catalog::open(folder.shop());

  const ItemId second = add(writer, 2);
  Item moved = item_of(1);
  moved.path = "/elsewhere.jpg";
  moved.category = "hat";
  writer.update_metadata(first, moved);
  CHECK(writer.find(item_of(2).key) == second);
  CHECK(writer.find_by_hash(item_of(2).hash) == second);
  CHECK(writer.item(first)->path == "/elsewhere.jpg");
  std::vector<std::string> paths;
  writer.for_each_file([&](const FileState& state) { paths.push_back(state.path); });
  CHECK(paths == std::vector<std::string>{"/elsewhere.jpg", "/pictures/2.jpg"});
  const auto rows = rows_of(writer);
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].category == "hat");
  CHECK(rows[1].code == code_of(2));
  CHECK(writer.select("product = 'product-2'") == std::vector<ItemId>{second});

  writer.commit();
  CHECK(reader.item(first)->path == "/pictures/1.jpg");
  CHECK(rows_of(reader).size() == 1);
  CHECK(reader.category_names() == std::vector<std::string>{"bag"});
  CHECK(rows_of(Catalog::open(folder.shop())).size() == 2);
}

TEST_CASE("adding a key again retires the old id, also within one batch") {
  const CatalogFolder folder;
  Catalog catalog = Catalog::create(folder.shop(), small_identity());
  const ItemId first = add(catalog, 1);
  const ItemId second = add(catalog, 1);
  catalog.commit();
  const ItemId third = add(catalog, 1);
  catalog.commit();
  CHECK(first < second);
  CHECK(second < third);
  CHECK_FALSE(catalog.item(first));
  CHECK_FALSE(catalog.item(second));
  CHECK(catalog.find(item_of(1).key) == third);
  CHECK(rows_of(catalog).size() == 1);
  const CatalogStats stats = catalog.stats();
  CHECK(stats.num_items == 1);
  CHECK(stats.num_rows == 3);
  CHECK(catalog.verify().empty());
}

TEST_CASE("the id of a removed item is never given again") {
  const CatalogFolder folder;
  ItemId removed = 0;
  {
    Catalog catalog = Catalog::create(folder.shop(), small_identity());
    removed = add(catalog, 1);
    CHECK(catalog.remove(removed));
    CHECK_FALSE(catalog.remove(removed));
    catalog.commit();
  }
  Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
  CHECK(add(catalog, 2) > removed);
}

TEST_CASE("items that share a row keep it when the item it was written for goes") {
  const CatalogFolder folder;
  Catalog catalog = Catalog::create(folder.shop(), small_identity());
  const ItemId source = add(catalog, 1);
  const ItemId same_batch = catalog.upsert_sharing(item_of(2), source);
  catalog.commit();
  const ItemId later = catalog.upsert_sharing(item_of(3), same_batch);
  const ItemId same_key = catalog.upsert_sharing(item_of(1), source);
  CHECK_FALSE(catalog.item(source));
  catalog.commit();
  const auto rows = rows_of(Catalog::open(folder.shop()));
  REQUIRE(rows.size() == 3);
  CHECK(rows[0].id == same_batch);
  CHECK(rows[1].id == later);
  CHECK(rows[2].id == same_key);
  for (const StoredRow& row : rows) CHECK(row.code == code_of(1));
  CHECK(catalog.stats().num_rows == 1);
  CHECK(catalog.verify().empty());
  check_fails([&] { catalog.upsert_sharing(item_of(4), source); }, ErrorCode::kNotFound, "no such item");
}

TEST_CASE("rollback forgets items, categories and field names since the last commit") {
  const CatalogFolder folder;
  Catalog catalog = Catalog::create(folder.shop(), small_identity());
  const ItemId kept = add(catalog, 1);
  catalog.commit();
  Item item = item_of(2);
  item.category = "hat";
  item.attributes_json = R"({"brim": "wide"})";
  catalog.upsert(item, code_of(2), feature_of(2));
  catalog.remove(kept);
  CHECK(catalog.select("brim = 'wide'").size() == 1);
  catalog.rollback();
  CHECK(catalog.category_names() == std::vector<std::string>{"bag"});
  CHECK(rows_of(catalog).size() == 1);
  check_fails([&] { (void)catalog.select("brim = 'wide'"); }, ErrorCode::kInvalidArgument,
              "no such column: brim");
  catalog.upsert(item, code_of(2), feature_of(2));
  catalog.commit();
  CHECK(catalog.category_names() == std::vector<std::string>{"bag", "hat"});
  CHECK(catalog.select("brim = 'wide'").size() == 1);
  CHECK(catalog.verify().empty());
}

TEST_CASE("category numbers are dense, in order of first use, and stay when items go") {
  const CatalogFolder folder;
  Catalog catalog = Catalog::create(folder.shop(), small_identity());
  Item none = item_of(5);
  none.category.clear();
  const ItemId bag = add(catalog, 1);
  catalog.upsert(none, code_of(5), feature_of(5));
  add(catalog, 2);
  add(catalog, 4);
  catalog.remove(bag);
  catalog.commit();
  const Catalog reader = Catalog::open(folder.shop());
  CHECK(reader.category_names() == std::vector<std::string>{"bag", "", "shoe"});
  const CatalogStats stats = reader.stats();
  CHECK(stats.categories == std::vector<std::pair<std::string, std::uint64_t>>{{"shoe", 2}, {"", 1}});
  CHECK(stats.num_items == 3);
  CHECK(stats.num_segments == 1);
  CHECK(stats.disk_bytes > 0);
}

TEST_CASE("spans of pending rows survive further additions") {
  const CatalogFolder folder;
  Catalog catalog = Catalog::create(folder.shop(), small_identity());
  add(catalog, 1);
  std::span<const std::byte> code;
  catalog.for_each_row([&](const Catalog::Row& row) { code = row.code; });
  for (int i = 2; i < 3000; ++i) add(catalog, i);
  CHECK(std::vector<std::byte>(code.begin(), code.end()) == code_of(1));
  catalog.commit();
  const auto rows = rows_of(catalog);
  REQUIRE(rows.size() == 2999);
  CHECK(rows[2500].code == code_of(2501));
  CHECK(rows[2500].feature == feature_of(2501));
  CHECK(catalog.verify().empty());
}

TEST_CASE("an item that cannot be stored is refused and the batch lives on") {
  const CatalogFolder folder;
  Catalog catalog = Catalog::create(folder.shop(), small_identity());
  const ItemId pending = add(catalog, 1);
  const auto refuse = [&](const Item& item, const std::string& part) {
    check_fails([&] { catalog.upsert(item, code_of(2), feature_of(2)); }, ErrorCode::kInvalidArgument, part);
  };
  Item item = item_of(2);
  for (const char* json : {"", "[1]", "3", "{", "{} {}", "{\"a\":}", "{'a':1}", "{\"a\": \"\xff\"}"}) {
    item.attributes_json = json;
    refuse(item, "attributes");
  }
  item.attributes_json = "{\"a\":" + std::string(2000, '[') + std::string(2000, ']') + "}";
  refuse(item, "deeper");
  item = item_of(2);
  item.quality = {{"price", std::nan("")}};
  refuse(item, "price");
  item.quality = {{"\xff", 1.0}};
  refuse(item, "UTF-8");
  check_fails([&] { catalog.upsert(item_of(2), std::vector<std::byte>(7), feature_of(2)); },
              ErrorCode::kInvalidArgument, "code of 7 bytes");
  check_fails([&] { catalog.upsert(item_of(2), code_of(2), std::vector<Half>(4)); },
              ErrorCode::kInvalidArgument, "feature of 4 numbers");
  check_fails([&] { catalog.update_metadata(pending, item_of(2)); }, ErrorCode::kInvalidArgument, "key");
  check_fails([&] { catalog.update_metadata(77, item_of(1)); }, ErrorCode::kNotFound, "no such item");
  catalog.commit();
  CHECK(catalog.item(pending));
}

TEST_CASE("a catalogue opened for reading refuses every change") {
  const CatalogFolder folder;
  { Catalog::create(folder.shop(), small_identity()); }
  Catalog catalog = Catalog::open(folder.shop());
  check_fails([&] { add(catalog, 1); }, ErrorCode::kInvalidArgument, "reading only");
  check_fails([&] { catalog.remove(1); }, ErrorCode::kInvalidArgument, "reading only");
  check_fails([&] { catalog.commit(); }, ErrorCode::kInvalidArgument, "reading only");
  check_fails([&] { catalog.rollback(); }, ErrorCode::kInvalidArgument, "reading only");
}

TEST_CASE("a catalogue without features gives rows without them") {
  const CatalogFolder folder;
  CatalogIdentity identity = small_identity();
  identity.feature_dim = 0;
  Catalog catalog = Catalog::create(folder.shop(), identity);
  catalog.upsert(item_of(1), code_of(1), {});
  catalog.commit();
  int num_rows = 0;
  catalog.for_each_row([&](const Catalog::Row& row) {
    CHECK(row.feature == nullptr);
    ++num_rows;
  });
  CHECK(num_rows == 1);
  CHECK(catalog.verify().empty());
}

}  // namespace vitrine::test

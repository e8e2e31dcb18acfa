// SPDX-License-Identifier: MIT
/// Damaged and foreign files: opening or verify() must say so, and nothing may crash or read outside a map.
#include <sqlite3.h>

#include <random>
#include <set>

#include "catalog/checked_pages.h"
#include "catalog/samples.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

/// Two sections of two rows each in one segment. Copied from one that is made once, which saves its syncs.
void make_shop(const fs::path& folder) {
  static const CatalogFolder original;
  if (!fs::exists(original.shop())) {
    Catalog catalog = Catalog::create(original.shop(), small_identity());
    for (int i = 1; i <= 4; ++i) {
      add(catalog, i);
      if (i % 2 == 0) catalog.commit();
    }
  }
  fs::copy(original.shop(), folder, fs::copy_options::recursive);
}

fs::path segment_of(const fs::path& folder) {
  return folder / "segments" / "000001.vseg";
}

/// SQL on the database, past every check; forgets the log files.
void tamper(const fs::path& folder, const std::string& sql) {
  sqlite3* connection = nullptr;
  const std::string file = folder / "catalog.sqlite";
  REQUIRE(sqlite3_open_v2(file.c_str(), &connection, SQLITE_OPEN_READWRITE,
                          catalog::checked_pages(nullptr)) == SQLITE_OK);
  sqlite3_exec(connection, "PRAGMA synchronous = OFF", nullptr, nullptr, nullptr);
  char* message = nullptr;
  INFO(sql);
  CHECK(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, &message) == SQLITE_OK);
  sqlite3_free(message);
  sqlite3_close(connection);
}

/// True if opening refuses (with one of the codes for bad files) or verify() reports.
bool noticed(const fs::path& folder) {
  try {
    const Catalog catalog = Catalog::open(folder);
    catalog.for_each_row([](const Catalog::Row&) {});
    return !catalog.verify().empty();
  } catch (const Error& error) {
    INFO(error.what());
    CHECK((error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kUnsupported));
    return true;
  }
}

}  // namespace

TEST_CASE("every flipped byte of a segment is noticed") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const std::string good = read_bytes(segment_of(folder.shop()));
  REQUIRE_FALSE(noticed(folder.shop()));
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string bad = good;
    bad[i] = static_cast<char>(bad[i] ^ (1 << i % 8));
    write_bytes(segment_of(folder.shop()), bad);
    INFO("byte " << i);
    CHECK(noticed(folder.shop()));
  }
}

TEST_CASE("a segment cut off anywhere is refused with file and offset") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const std::string good = read_bytes(segment_of(folder.shop()));
  for (std::size_t length = 0; length < good.size(); length += 32) {
    for (const std::size_t cut : {length, length + 1, length + 31}) {
      write_bytes(segment_of(folder.shop()), good.substr(0, cut));
      const Error error = error_of([&] { Catalog::open(folder.shop()); });
      CHECK(error.code() == ErrorCode::kCorrupt);
      CHECK_THAT(error.what(),
                 Catch::Contains("000001.vseg") && Catch::Contains("at byte " + std::to_string(cut)));
    }
  }
}

TEST_CASE("a missing segment is refused") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  fs::remove(segment_of(folder.shop()));
  check_fails([&] { Catalog::open(folder.shop()); }, ErrorCode::kCorrupt, "is missing");
}

TEST_CASE("a segment of another catalogue is refused") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const fs::path other = folder.path() / "other";
  {
    Catalog catalog = Catalog::create(other, small_identity());
    add(catalog, 1);
    catalog.commit();
  }
  fs::copy_file(segment_of(other), segment_of(folder.shop()), fs::copy_options::overwrite_existing);
  check_fails([&] { Catalog::open(folder.shop()); }, ErrorCode::kCorrupt, "another catalogue");
}

TEST_CASE("a database that is none, foreign or newer is refused by name") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const fs::path database = folder.shop() / "catalog.sqlite";
  const auto open = [&] { Catalog::open(folder.shop()); };
  SECTION("newer version") {
    tamper(folder.shop(), "PRAGMA user_version = 2003; PRAGMA wal_checkpoint(TRUNCATE)");
    check_fails(open, ErrorCode::kUnsupported, "version 2.3, this build has version 1.3");
  }
  SECTION("newer minor version with a table more") {
    tamper(folder.shop(),
           "CREATE TABLE extra(a TEXT) STRICT; PRAGMA user_version = 1004; PRAGMA wal_checkpoint(TRUNCATE)");
    CHECK(Catalog::open(folder.shop()).verify().empty());
    check_fails([&] { Catalog::open(folder.shop(), Catalog::Mode::kReadWrite); }, ErrorCode::kUnsupported,
                "for writing: it has format version 1.4");
  }
  SECTION("other application") {
    tamper(folder.shop(), "PRAGMA application_id = 7; PRAGMA wal_checkpoint(TRUNCATE)");
    check_fails(open, ErrorCode::kCorrupt, "another application (id 7)");
  }
  SECTION("no SQLite file") {
    write_bytes(database, std::string(5000, 'x'));
    check_fails(open, ErrorCode::kCorrupt, "not an SQLite database");
  }
  SECTION("empty file") {
    write_bytes(database, "");
    check_fails(open, ErrorCode::kCorrupt, "not an SQLite database");
  }
  SECTION("no file") {
    fs::remove(database);
    check_fails(open, ErrorCode::kNotFound, "make one with vitrine-index");
  }
  SECTION("no folder") {
    check_fails([&] { Catalog::open(folder.path() / "none"); }, ErrorCode::kNotFound, "no catalogue at");
  }
}

TEST_CASE("every commit gives the catalogue another state, and nothing else does") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  std::set<std::uint64_t> states;
  {
    Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
    states.insert(catalog.state());
    for (int i = 10; i < 13; ++i) {
      add(catalog, i);
      const std::uint64_t before = catalog.state();
      CHECK(states.count(before) == 1);
      if (i == 11) {
        catalog.rollback();
        CHECK(catalog.state() == before);
        continue;
      }
      catalog.commit();
      CHECK(states.insert(catalog.state()).second);
    }
    CHECK(states.count(0) == 0);
  }
  CHECK(states.count(Catalog::open(folder.shop()).state()) == 1);
}

TEST_CASE(
    "a catalogue of an older version can be read, and is of this version once it was open for writing") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const std::string sql = GENERATE("PRAGMA user_version = 1001",
                                   "DELETE FROM meta WHERE name = 'state'; PRAGMA user_version = 1000");
  tamper(folder.shop(),
         "DROP TABLE versions; DROP TABLE commits; " + sql + "; PRAGMA wal_checkpoint(TRUNCATE)");
  const auto num_items = Catalog::open(folder.shop()).stats().num_items;
  {
    const Catalog old = Catalog::open(folder.shop());
    CHECK((old.state() == 0) == (sql.find("state") != std::string::npos));
    CHECK_FALSE(old.version(item_of(0).key));
    CHECK(old.verify().empty());
  }
  const auto state = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite).state();
  CHECK(state != 0);
  {
    Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
    CHECK(catalog.state() == state);
    catalog.set_version(item_of(0).key, 3);
    catalog.commit();
  }
  const Catalog catalog = Catalog::open(folder.shop());
  CHECK(catalog.version(item_of(0).key) == 3);
  CHECK(catalog.stats().num_items == num_items);
  CHECK(catalog.verify().empty());
}

TEST_CASE("tables that are not ours are refused") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const std::string sql =
      GENERATE("DROP INDEX items_rows", "ALTER TABLE items ADD COLUMN extra TEXT", "DROP TABLE categories",
               "DROP TABLE versions", "CREATE TRIGGER t AFTER INSERT ON items BEGIN DELETE FROM items; END",
               "CREATE VIEW v AS SELECT 1");
  tamper(folder.shop(), sql);
  check_fails([&] { Catalog::open(folder.shop()); }, ErrorCode::kCorrupt, "tables");
}

TEST_CASE("impossible values in the database are noticed, one case per field") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const std::string sql = GENERATE(
      "UPDATE items SET row = 4 WHERE item_id = 2", "UPDATE items SET row = -1 WHERE item_id = 2",
      "UPDATE items SET row = 3 WHERE item_id = 2", "UPDATE items SET segment = 2 WHERE item_id = 2",
      "UPDATE items SET segment = -1 WHERE item_id = 2",
      "UPDATE items SET segment = 4294967297 WHERE item_id = 2",
      "UPDATE items SET category_index = 9 WHERE item_id = 2", "UPDATE items SET category_index = -1",
      "UPDATE items SET hash = x'00' WHERE item_id = 2", "UPDATE items SET quality = '[1]' WHERE item_id = 2",
      "UPDATE items SET quality = '{' WHERE item_id = 2",
      "UPDATE items SET attributes = '{' WHERE item_id = 2",
      "UPDATE segments SET length_bytes = length_bytes - 1", "UPDATE segments SET length_bytes = -5",
      "UPDATE segments SET length_bytes = 9223372036854775807", "UPDATE segments SET length_bytes = 100",
      "UPDATE segments SET num_rows = 5", "UPDATE segments SET num_rows = -1",
      "UPDATE segments SET number = 2", "UPDATE segments SET number = 0", "DELETE FROM segments",
      "UPDATE categories SET category_index = 7 WHERE category_index = 1",
      "DELETE FROM meta WHERE name = 'code_bits'", "UPDATE meta SET value = 128 WHERE name = 'code_bits'",
      "UPDATE meta SET value = 65 WHERE name = 'code_bits'",
      "UPDATE meta SET value = 4 WHERE name = 'feature_dim'",
      "UPDATE meta SET value = -4 WHERE name = 'feature_dim'",
      "UPDATE meta SET value = x'00' WHERE name = 'catalog_id'",
      "UPDATE meta SET value = 'other' WHERE name = 'model_fingerprint'",
      "UPDATE meta SET value = 1 WHERE name = 'has_model'",
      "UPDATE meta SET value = x'00' WHERE name = 'model_hash'");
  INFO(sql);
  tamper(folder.shop(), sql);
  CHECK(noticed(folder.shop()));
}

TEST_CASE("a changed or missing model copy is reported") {
  const CatalogFolder folder;
  write_bytes(folder.path() / "model", "weights");
  const fs::path model =
      Catalog::create(folder.shop(), small_identity(), folder.path() / "model").model_path();
  const auto problem = [&] {
    const auto problems = Catalog::open(folder.shop()).verify();
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].file == model);
    return problems[0].description;
  };
  write_bytes(model, "Weights");
  CHECK_THAT(problem(), Catch::Contains("hash"));
  write_bytes(model, "weight");
  CHECK_THAT(problem(), Catch::Contains("6 bytes, expected 7"));
  fs::remove(model);
  CHECK_THAT(problem(), Catch::Contains("cannot open"));
}

TEST_CASE("noise in the database never crashes") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  tamper(folder.shop(), "PRAGMA journal_mode = DELETE");
  const fs::path database = folder.shop() / "catalog.sqlite";
  const std::string good = read_bytes(database);
  std::mt19937 random(11);
  for (int round = 0; round < 150; ++round) {
    std::string bad = good;
    const std::size_t begin = std::uniform_int_distribution<std::size_t>(0, good.size() - 1)(random);
    const std::size_t length = std::min<std::size_t>(good.size() - begin, 1 + random() % 600);
    for (std::size_t i = 0; i < length; ++i) bad[begin + i] = static_cast<char>(random());
    if (round % 8 == 0) bad.resize(begin);
    write_bytes(database, bad);
    // Free pages may hold anything, so not all noise is damage.
    CHECK_NOTHROW(noticed(folder.shop()));
    if (round % 4 != 0) continue;  // writing pays for syncs
    try {
      Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
      (void)catalog.select("price > 0");
      (void)catalog.stats();
      catalog.for_each_file([&](const FileState& state) { (void)catalog.item(state.id); });
      add(catalog, 9);
      catalog.commit();
    } catch (const Error& error) {
      CHECK(error.code() != ErrorCode::kInternal);
    }
  }
}

}  // namespace vitrine::test

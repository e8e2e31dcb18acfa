// SPDX-License-Identifier: MIT
// Catalogues that something happened to: each tool names the file and ends with exit code 3.
#include <sqlite3.h>

#include <catch2/catch.hpp>

#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

const fs::path kDatabase = "shop.vitrine/catalog.sqlite";

class Shop : public Workspace {
 public:
  Shop() {
    add_shop();
    REQUIRE(run("vitrine-index", {"shop"}).exit_code == 0);
  }
  /// Both tools refuse the catalogue; returns what vitrine-query says.
  std::string refusal() const {
    const ProcessResult index = run("vitrine-index", {"shop"});
    CHECK(index.exit_code == 3);
    CHECK(index.out.empty());
    const ProcessResult query = run("vitrine-query", {"shop.vitrine", "shop/loose.png"});
    CHECK(query.exit_code == 3);
    CHECK(query.out.empty());
    CHECK(query.err.find("vitrine-query: ") == 0);
    return query.err;
  }
  fs::path segment() const {
    const fs::directory_iterator first(folder() / "shop.vitrine/segments");
    REQUIRE(first != fs::directory_iterator());
    return first->path();
  }
};

void run_sql(const fs::path& database, const std::string& statement) {
  sqlite3* handle = nullptr;
  REQUIRE(sqlite3_open(database.c_str(), &handle) == SQLITE_OK);
  CHECK(sqlite3_exec(handle, statement.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(handle);
}

}  // namespace

TEST_CASE("a catalogue of a newer format version is refused") {
  const Shop shop;
  run_sql(shop.folder() / kDatabase, "PRAGMA user_version = 1000000");
  CHECK(shop.refusal().find("version") != std::string::npos);
}

TEST_CASE("a database overwritten with noise is refused") {
  const Shop shop;
  write_file(shop.folder() / kDatabase, std::string(20000, '\x5A'));
  CHECK(shop.refusal().find("catalog.sqlite") != std::string::npos);
}

TEST_CASE("a truncated database is refused") {
  const Shop shop;
  fs::resize_file(shop.folder() / kDatabase, 5000);
  shop.refusal();
}

TEST_CASE("a truncated segment is refused") {
  const Shop shop;
  const fs::path segment = shop.segment();
  fs::resize_file(segment, fs::file_size(segment) / 2);
  CHECK(shop.refusal().find(segment.filename().string()) != std::string::npos);
}

TEST_CASE("a missing segment is refused") {
  const Shop shop;
  fs::remove(shop.segment());
  shop.refusal();
}

}  // namespace vitrine::test

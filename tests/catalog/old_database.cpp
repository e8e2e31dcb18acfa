// SPDX-License-Identifier: MIT
#include "catalog/old_database.h"

#include <catch2/catch.hpp>

#include <sqlite3.h>

#include <string>
#include <vector>

namespace vitrine::test {
namespace {

void run(sqlite3* connection, const std::string& sql) {
  INFO(sql);
  REQUIRE(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
}

std::vector<std::string> texts(sqlite3* connection, const std::string& sql) {
  std::vector<std::string> found;
  sqlite3_stmt* statement = nullptr;
  REQUIRE(sqlite3_prepare_v2(connection, sql.c_str(), -1, &statement, nullptr) == SQLITE_OK);
  while (sqlite3_step(statement) == SQLITE_ROW)
    found.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)));
  sqlite3_finalize(statement);
  return found;
}

}  // namespace

void make_without_page_checksums(const std::filesystem::path& shop) {
  const std::filesystem::path file = shop / "catalog.sqlite";
  const std::filesystem::path old = shop.parent_path() / "old.sqlite";
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open(old.c_str(), &connection) == SQLITE_OK);
  run(connection, "ATTACH '" + file.string() + "' AS whole; BEGIN");
  const std::string ours = " FROM whole.sqlite_schema WHERE name NOT LIKE 'sqlite%'";
  for (const std::string& statement : texts(connection, "SELECT sql" + ours)) run(connection, statement);
  for (const std::string& table : texts(connection, "SELECT name" + ours + " AND type = 'table'"))
    run(connection, "INSERT INTO main." + table + " SELECT * FROM whole." + table);
  run(connection, "COMMIT; PRAGMA user_version = 1002; PRAGMA application_id = 1448366670; DETACH whole");
  run(connection, "PRAGMA journal_mode = WAL");
  sqlite3_close(connection);
  std::filesystem::rename(old, file);
}

}  // namespace vitrine::test

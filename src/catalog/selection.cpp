// SPDX-License-Identifier: MIT
#include "catalog/selection.h"

#include <map>
#include <new>
#include <string>

#include "catalog/expression.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

// SQLite's virtual machine takes some tens of operations per item for a usual expression.
constexpr std::int64_t kOperationsBase = 1'000'000;
constexpr std::int64_t kOperationsPerItem = 10'000;
constexpr int kOperationsPerCheck = 1000;
constexpr int kMaxValueBytes = 16 << 20;
constexpr std::size_t kMaxFieldColumns = 1000;

/// A name of the expression and the SQL that computes its value from a row of `items`.
struct Column {
  std::string name;
  std::string sql;
};

std::vector<Column> fixed_columns() {
  return {{"product", "product"},
          {"picture", "picture"},
          {"path", "path"},
          {"category", "(SELECT c.name FROM categories AS c WHERE c.category_index = items.category_index)"},
          {"width", "width_px"},
          {"height", "height_px"}};
}

std::string value_sql(const Field& field) {
  const char* column = field.kind == FieldKind::kQuality ? "quality" : "attributes";
  if (field.name.escaped || field.name.name.find_first_of("\"\\") != std::string::npos) {
    return "(SELECT value FROM json_each(" + std::string(column) +
           ") WHERE key = " + quoted_text(field.name.name) + " LIMIT 1)";
  }
  return "json_extract(" + std::string(column) + ", " + quoted_text("$.\"" + field.name.name + "\"") + ")";
}

/// Columns for `where`: the fixed ones and the fields whose names occur in the text.
struct Columns {
  std::vector<Column> used;
  std::vector<std::string> all_names;
};

Columns columns_for(std::string_view where, const std::vector<Field>& fields) {
  Columns columns{fixed_columns(), {}};
  std::map<std::string, std::string> fixed;
  for (const Column& column : columns.used) {
    fixed[column.name] = column.sql;
    columns.all_names.push_back(column.name);
  }
  // Spellings that differ in case are one name to SQLite: the first that has a value counts, quality before
  // attributes.
  struct Spellings {
    std::string name;
    std::vector<std::string> sql;
  };
  std::map<std::string, Spellings> by_name;
  for (const Field& field : fields) {
    Spellings& spellings = by_name[lower_case(field.name.name)];
    if (spellings.sql.empty()) spellings.name = field.name.name;
    spellings.sql.push_back(value_sql(field));
  }
  const std::string text = lower_case(where);
  for (const auto& [lower, spellings] : by_name) {
    if (fixed.contains(lower)) continue;
    columns.all_names.push_back(spellings.name);
    const std::string quoted = quoted_name(lower);
    const bool occurs = text.find(lower) != std::string::npos ||
                        text.find(quoted.substr(1, quoted.size() - 2)) != std::string::npos;
    if (!occurs || columns.used.size() >= kMaxFieldColumns) continue;
    std::string sql = spellings.sql.front();
    if (spellings.sql.size() > 1) {
      sql = "coalesce(" + sql;
      for (std::size_t i = 1; i < spellings.sql.size(); ++i) sql += ", " + spellings.sql[i];
      sql += ")";
    }
    columns.used.push_back({spellings.name, sql});
  }
  return columns;
}

std::string query_for(std::string_view where, const std::vector<Column>& columns) {
  std::string sql = "SELECT item_id FROM (SELECT item_id";
  for (const Column& column : columns) sql += ", " + column.sql + " AS " + quoted_name(column.name);
  return sql + " FROM items) AS " + kExpressionTable + " WHERE (" + std::string(where) +
         "\n) ORDER BY item_id";
}

/// While it lives the connection serves this thread only, reads only what a selection may, and counts its
/// operations.
class Confinement {
 public:
  Confinement(sqlite3* connection, std::int64_t budget) : connection_(connection), budget_(budget) {
    sqlite3_mutex_enter(sqlite3_db_mutex(connection_));
    sqlite3_set_authorizer(connection_, allow_reading_only, nullptr);
    sqlite3_progress_handler(connection_, kOperationsPerCheck, count, this);
    value_limit_ = sqlite3_limit(connection_, SQLITE_LIMIT_LENGTH, kMaxValueBytes);
  }
  Confinement(const Confinement&) = delete;
  Confinement& operator=(const Confinement&) = delete;
  ~Confinement() {
    sqlite3_limit(connection_, SQLITE_LIMIT_LENGTH, value_limit_);
    sqlite3_progress_handler(connection_, 0, nullptr, nullptr);
    sqlite3_set_authorizer(connection_, nullptr, nullptr);
    sqlite3_mutex_leave(sqlite3_db_mutex(connection_));
  }

 private:
  static int count(void* self) {
    auto& budget = static_cast<Confinement*>(self)->budget_;
    budget -= kOperationsPerCheck;
    return budget < 0 ? 1 : 0;
  }
  sqlite3* connection_;
  std::int64_t budget_;
  int value_limit_ = 0;
};

[[noreturn]] void throw_failed(sqlite3* connection, std::string_view where) {
  switch (sqlite3_errcode(connection)) {
    case SQLITE_INTERRUPT:
      throw Error(ErrorCode::kResource,
                  "cannot select items: the expression takes too many operations; shorten it");
    case SQLITE_ERROR:
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
    case SQLITE_AUTH:
      throw_bad_expression(where, sqlite3_errmsg(connection));
    default:
      throw_sqlite(connection, "select items of");
  }
}

}  // namespace

std::vector<ItemId> select_items(const Database& database, const FieldNames& fields, std::string_view where) {
  const Columns columns = columns_for(where, fields.all());
  std::vector<std::string> names;
  for (const Column& column : columns.used) names.push_back(column.name);
  check_expression(where, names, columns.all_names);

  // Preparing it once sets json_each up, which the confinement would forbid.
  (void)database.prepare("SELECT 1 FROM json_each('[]')");
  Statement count = database.prepare("SELECT count(*) FROM items");
  count.step();
  const std::int64_t budget = kOperationsBase + kOperationsPerItem * count.integer(0);
  const std::string sql = query_for(where, columns.used);
  std::vector<ItemId> ids;
  const Confinement confinement(database.get(), budget);
  sqlite3_stmt* raw = nullptr;
  const int prepared =
      sqlite3_prepare_v2(database.get(), sql.c_str(), static_cast<int>(sql.size()), &raw, nullptr);
  const std::unique_ptr<sqlite3_stmt, int (*)(sqlite3_stmt*)> statement(raw, sqlite3_finalize);
  if (prepared != SQLITE_OK) throw_failed(database.get(), where);
  int result = sqlite3_step(raw);
  for (; result == SQLITE_ROW; result = sqlite3_step(raw)) {
    ids.push_back(static_cast<ItemId>(sqlite3_column_int64(raw, 0)));
  }
  if (result != SQLITE_DONE) throw_failed(database.get(), where);
  return ids;
}

}  // namespace vitrine::catalog

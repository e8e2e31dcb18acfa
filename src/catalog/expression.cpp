// SPDX-License-Identifier: MIT
#include "catalog/expression.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <optional>

#include "catalog/database.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

constexpr std::size_t kMaxExpressionBytes = std::size_t{1} << 20;
constexpr std::size_t kMaxListedNames = 60;

[[noreturn]] void throw_at(std::string_view expression, std::size_t offset, const std::string& reason) {
  throw_bad_expression(expression, "at byte " + std::to_string(offset + 1) + ": " + reason);
}

bool is_name_byte(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return std::isalnum(byte) != 0 || c == '_' || c == '$' || byte >= 0x80;
}

// Walks over the tokens that decide whether the text stays inside the parentheses it will be put into.
// SQLite's own parser decides the rest.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}

  void run() {
    while (position_ < text_.size()) token();
    if (!open_.empty()) throw_at(text_, open_.back(), "this parenthesis is not closed");
  }

 private:
  void token() {
    const char c = text_[position_];
    const char next = position_ + 1 < text_.size() ? text_[position_ + 1] : '\0';
    if (c == '\'' || c == '"' || c == '`') return quoted(c);
    if (c == '[') return quoted(']');
    if (is_name_byte(c)) return word();
    if ((c == '-' && next == '-') || (c == '/' && next == '*')) fail("comments are not allowed");
    if (c == ';') fail("only one expression is allowed");
    if (c == '\0') fail("a zero byte is not allowed");
    if (c == '?' || c == ':' || c == '@' || c == '#') fail("parameters are not allowed");
    if (c == '(') open_.push_back(position_);
    if (c == ')') {
      if (open_.empty()) fail("this parenthesis was not opened");
      open_.pop_back();
    }
    ++position_;
  }

  // A doubled quote inside is read as two quoted texts side by side, which ends at the same place.
  void quoted(char end) {
    const std::size_t close = text_.find(end, position_ + 1);
    if (close == std::string_view::npos) fail("this quote is not closed");
    const std::string_view inside = text_.substr(position_, close - position_);
    if (inside.find('\0') != std::string_view::npos) fail("a zero byte is not allowed");
    position_ = close + 1;
  }

  void word() {
    const std::size_t begin = position_;
    while (position_ < text_.size() && is_name_byte(text_[position_])) ++position_;
    const std::string name = lower_case(text_.substr(begin, position_ - begin));
    if (name == "select" || name == "values" || name == "with") {
      throw_at(text_, begin, "sub-queries are not allowed");
    }
    if (name.front() == '$') throw_at(text_, begin, "parameters are not allowed");
  }

  [[noreturn]] void fail(const std::string& reason) const { throw_at(text_, position_, reason); }

  std::string_view text_;
  std::size_t position_ = 0;
  std::vector<std::size_t> open_;
};

std::string listed(const std::vector<std::string>& names) {
  std::string list;
  for (std::size_t i = 0; i < std::min(names.size(), kMaxListedNames); ++i) {
    list += (i == 0 ? "" : ", ") + names[i];
  }
  if (names.size() > kMaxListedNames) {
    list += " and " + std::to_string(names.size() - kMaxListedNames) + " more";
  }
  return list;
}

}  // namespace

void throw_bad_expression(std::string_view expression, const std::string& reason) {
  constexpr std::size_t kMaxShownBytes = 200;
  std::string shown(expression.substr(0, kMaxShownBytes));
  std::replace(shown.begin(), shown.end(), '\0', '?');  // would end what()
  if (expression.size() > kMaxShownBytes) shown += "...";
  throw Error(ErrorCode::kInvalidArgument, "cannot select items where '" + shown + "': " + reason);
}

int allow_reading_only(void*, int action, const char* first, const char* second, const char*, const char*) {
  constexpr std::array<std::string_view, 4> kTables = {kExpressionTable, "items", "categories", "json_each"};
  constexpr std::array<std::string_view, 2> kForbiddenFunctions = {"load_extension", "fts3_tokenizer"};
  const auto contains = [](const auto& names, const char* name) {
    return name != nullptr && std::find(names.begin(), names.end(), lower_case(name)) != names.end();
  };
  switch (action) {
    case SQLITE_SELECT:
      return SQLITE_OK;
    case SQLITE_READ:
      return contains(kTables, first) ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_FUNCTION:
      return contains(kForbiddenFunctions, second) ? SQLITE_DENY : SQLITE_OK;
    default:
      return SQLITE_DENY;
  }
}

void check_expression(std::string_view expression, const std::vector<std::string>& columns,
                      const std::vector<std::string>& all_names) {
  if (expression.size() > kMaxExpressionBytes) throw_bad_expression(expression, "it is longer than 1 MiB");
  if (expression.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw_bad_expression(expression, "it is empty; an example is: price < 50 AND category = 'shoe'");
  }
  Scanner(expression).run();

  const Database scratch;
  std::string table = "CREATE TABLE " + std::string(kExpressionTable) + "(";
  for (const std::string& column : columns) table += quoted_name(column) + ", ";
  // Without a rowid there is no column but these.
  table += "PRIMARY KEY(" + quoted_name(columns.front()) + ")) WITHOUT ROWID";
  scratch.execute(table.c_str());
  sqlite3_set_authorizer(scratch.get(), allow_reading_only, nullptr);
  const std::string prefix = "SELECT 1 FROM " + std::string(kExpressionTable) + " WHERE (";
  const std::string sql = prefix + std::string(expression) + "\n)";
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v2(scratch.get(), sql.c_str(), static_cast<int>(sql.size()), &statement, nullptr);
  sqlite3_finalize(statement);
  if (result == SQLITE_OK) return;
  if (result == SQLITE_NOMEM) throw std::bad_alloc();

  std::string reason = sqlite3_errmsg(scratch.get());
  if (reason.starts_with("no such column")) reason += "; available: " + listed(all_names);
  const int offset = sqlite3_error_offset(scratch.get());
  if (offset < static_cast<int>(prefix.size())) throw_bad_expression(expression, reason);
  throw_at(expression, std::min(static_cast<std::size_t>(offset) - prefix.size(), expression.size()), reason);
}

std::string quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + '"';
}

std::string quoted_text(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) quoted.append(c == '\'' ? 2 : 1, c);
  return quoted + '\'';
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return lower;
}

}  // namespace vitrine::catalog

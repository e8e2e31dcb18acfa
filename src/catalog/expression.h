// SPDX-License-Identifier: MIT
#pragma once
/// Decides whether a text is one SQL expression over given columns and nothing else. The text is compiled
/// against an empty database in memory that holds one table of these columns, so there is nothing else to
/// reach.
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::catalog {

/// Name of the table or sub-query whose columns an expression sees.
constexpr const char* kExpressionTable = "item";

/// Errors: kInvalidArgument with the byte (from 1) and the reason, for unknown columns with the available
/// ones
/// (`all_names`; `columns` may leave out names that do not occur in the text).
void check_expression(std::string_view expression, const std::vector<std::string>& columns,
                      const std::vector<std::string>& all_names);

/// Refuses everything but reading `item`, the tables of a selection and pure functions; for
/// sqlite3_set_authorizer.
int allow_reading_only(void* context, int action, const char* first, const char* second, const char* database,
                       const char* trigger);

[[noreturn]] void throw_bad_expression(std::string_view expression, const std::string& reason);

/// `"name"`, with quotes inside doubled.
std::string quoted_name(std::string_view name);
/// `'text'`, with quotes inside doubled.
std::string quoted_text(std::string_view text);
/// SQLite compares names without regard to the case of ASCII letters.
std::string lower_case(std::string_view text);

}  // namespace vitrine::catalog

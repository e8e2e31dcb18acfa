// SPDX-License-Identifier: MIT
#pragma once
/// Results as tables: printed for people and written as JSON for scripts.
#include <iosfwd>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace vitrine::benchmarks {

/// A number with the decimals it is printed with, a text, or nothing ("-").
struct Number {
  double value = 0;
  int decimals = 2;
};
using Cell = std::variant<std::monostate, Number, std::string>;

struct Table {
  std::string name;                       ///< the key in the JSON file
  std::string title;                      ///< printed above
  std::vector<std::string> columns;       ///< also the keys of a row in the JSON file
  std::vector<std::vector<Cell>> rows{};  ///< each as long as `columns`
};

/// In aligned columns, texts to the left and numbers to the right.
void print(const Table& table, std::ostream& out);

/// One object: `context` as texts, then each table as an array of objects. Throws kIo.
void write_json(const std::string& file, const std::vector<std::pair<std::string, std::string>>& context,
                const std::vector<Table>& tables);

}  // namespace vitrine::benchmarks

// SPDX-License-Identifier: MIT
#include "common/help_text.h"

namespace vitrine::tools {
namespace {

constexpr std::size_t kTextColumn = 26;
constexpr std::size_t kLineWidth = 79;

}  // namespace

std::string help_entry(std::string_view short_name, std::string_view long_name, std::string_view value_name,
                       std::string_view text) {
  std::string entry = "  ";
  entry += short_name.empty() ? "    " : "-" + std::string(short_name) + ", ";
  entry += "--" + std::string(long_name);
  if (!value_name.empty()) {
    entry += " " + std::string(value_name);
  }
  std::size_t column = entry.size();
  const std::string new_line = "\n" + std::string(kTextColumn, ' ');
  if (column + 2 > kTextColumn) {
    entry += new_line;
  } else {
    entry.append(kTextColumn - column, ' ');
  }
  column = kTextColumn;
  while (!text.empty()) {
    const std::size_t space = text.find(' ');
    const std::string_view word = text.substr(0, space);
    if (column > kTextColumn && column + 1 + word.size() > kLineWidth) {
      entry += new_line;
      column = kTextColumn;
    } else if (column > kTextColumn) {
      entry += ' ';
      ++column;
    }
    entry += word;
    column += word.size();
    text.remove_prefix(space == std::string_view::npos ? text.size() : space + 1);
  }
  return entry + "\n";
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "index/table.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <ostream>

#include "vitrine/error.h"

namespace vitrine::benchmarks {
namespace {

std::string text_of(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* number = std::get_if<Number>(&cell)) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, "%.*f", number->decimals, number->value);
    return buffer;
  }
  return "-";
}

nlohmann::ordered_json json_of(const Cell& cell) {
  if (const auto* text = std::get_if<std::string>(&cell)) return *text;
  if (const auto* number = std::get_if<Number>(&cell)) {
    if (number->decimals == 0) return static_cast<std::int64_t>(std::llround(number->value));
    return number->value;
  }
  return nullptr;
}

}  // namespace

void print(const Table& table, std::ostream& out) {
  std::vector<std::size_t> widths;
  std::vector<bool> is_text;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    std::size_t width = table.columns[c].size();
    bool text = false;
    for (const auto& row : table.rows) {
      width = std::max(width, text_of(row[c]).size());
      text = text || std::holds_alternative<std::string>(row[c]);
    }
    widths.push_back(width);
    is_text.push_back(text);
  }
  const auto line = [&](const auto& text_at) {
    std::string result;
    for (std::size_t c = 0; c < widths.size(); ++c) {
      const std::string text = text_at(c);
      const std::string gap(widths[c] - text.size(), ' ');
      result += (c == 0 ? "" : "  ") + (is_text[c] ? text + gap : gap + text);
    }
    result.erase(result.find_last_not_of(' ') + 1);
    out << result << '\n';
  };
  out << '\n' << table.title << "\n\n";
  line([&](std::size_t c) { return table.columns[c]; });
  line([&](std::size_t c) { return std::string(widths[c], '-'); });
  for (const auto& row : table.rows) line([&](std::size_t c) { return text_of(row[c]); });
  out.flush();
}

void write_json(const std::string& file, const std::vector<std::pair<std::string, std::string>>& context,
                const std::vector<Table>& tables) {
  nlohmann::ordered_json document;
  for (const auto& [key, value] : context) document["context"][key] = value;
  for (const Table& table : tables) {
    nlohmann::ordered_json rows = nlohmann::ordered_json::array();
    for (const auto& row : table.rows) {
      nlohmann::ordered_json object;
      for (std::size_t c = 0; c < table.columns.size(); ++c) object[table.columns[c]] = json_of(row[c]);
      rows.push_back(std::move(object));
    }
    document[table.name] = std::move(rows);
  }
  std::ofstream out(file);
  out << document.dump(2) << '\n';
  if (!out.flush()) throw Error(ErrorCode::kIo, "writing results: cannot write " + file);
}

}  // namespace vitrine::benchmarks

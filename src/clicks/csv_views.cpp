// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <system_error>
#include <utility>

#include "clicks/view_source.h"
#include "engine/csv_reader.h"
#include "vitrine/error.h"

namespace vitrine::clicks {
namespace {

constexpr std::array<std::string_view, 6> kColumns = {"session", "time",     "query",
                                                      "item",    "position", "clicked"};
constexpr std::string_view kTruthColumn = "same_product";
constexpr std::string_view kPurchaseColumn = "bought";

bool parse_flag(std::string_view text, std::string_view column) {
  if (text == "1" || text == "true") return true;
  if (text == "0" || text == "false") return false;
  throw Error(ErrorCode::kCorrupt,
              std::string(column) + ": expected 0 or 1, found '" + std::string(text) + "'");
}

std::size_t parse_position(std::string_view text) {
  std::size_t position = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), position);
  if (error != std::errc() || end != text.data() + text.size() || position == 0)
    throw Error(ErrorCode::kCorrupt,
                "position: expected a whole number from 1, found '" + std::string(text) + "'");
  return position;
}

class CsvViews final : public ViewSource {
 public:
  CsvViews(std::string_view text, LineProblem on_problem)
      : reader_(text), on_problem_(std::move(on_problem)) {
    const std::optional<engine::CsvRecord> header = reader_.next();
    if (header) {
      num_fields_ = header->fields.size();
      for (std::size_t i = 0; i < num_fields_; ++i) column_.emplace(header->fields[i], i);
    }
    for (const std::string_view name : kColumns)
      if (!column_.contains(std::string(name)))
        throw Error(ErrorCode::kCorrupt,
                    "its first line has no column '" + std::string(name) +
                        "'; expected session,time,query,item,position,clicked[,same_product][,bought]");
  }

  std::optional<PageView> next() override {
    PageView view = std::exchange(started_, {});
    while (const std::optional<engine::CsvRecord> record = reader_.next()) {
      try {
        PageView row = view_of(*record);
        if (view.items.empty()) {
          view = std::move(row);
        } else if (row.session == view.session && row.time_s == view.time_s && row.query == view.query) {
          add_item(view, std::move(row.items.front()));
        } else {
          started_ = std::move(row);
          break;
        }
      } catch (const Error& error) {
        on_problem_(record->line, error.what());
      }
    }
    if (view.items.empty()) return std::nullopt;
    return view;
  }

  std::size_t remaining_bytes() const override { return reader_.remaining_bytes(); }

 private:
  const std::string& field(const engine::CsvRecord& record, std::string_view name) const {
    return record.fields[column_.at(std::string(name))];
  }

  /// Nothing where the log has no such column, or the field is empty.
  std::optional<bool> optional_flag(const engine::CsvRecord& record, std::string_view name) const {
    if (!column_.contains(std::string(name)) || field(record, name).empty()) return std::nullopt;
    return parse_flag(field(record, name), name);
  }

  /// A page view with the one item of this line.
  PageView view_of(const engine::CsvRecord& record) const {
    if (!record.problem.empty()) throw Error(ErrorCode::kCorrupt, record.problem);
    if (record.fields.size() != num_fields_)
      throw Error(ErrorCode::kCorrupt, "expected " + std::to_string(num_fields_) + " fields, found " +
                                           std::to_string(record.fields.size()));
    PageView view;
    view.line = record.line;
    view.session = field(record, "session");
    view.query = field(record, "query");
    require_text(view.session, "session");
    require_text(view.query, "query");
    view.time_s = require_time(field(record, "time"));
    ShownItem item{field(record, "item"), parse_position(field(record, "position")),
                   parse_flag(field(record, "clicked"), "clicked"), optional_flag(record, kTruthColumn),
                   optional_flag(record, kPurchaseColumn)};
    add_item(view, std::move(item));
    return view;
  }

  engine::CsvReader reader_;
  LineProblem on_problem_;
  std::map<std::string, std::size_t> column_;
  std::size_t num_fields_ = 0;
  PageView started_;  ///< the view whose first line ended the view before it
};

}  // namespace

std::unique_ptr<ViewSource> csv_views(std::string_view text, ViewSource::LineProblem on_problem) {
  return std::make_unique<CsvViews>(text, std::move(on_problem));
}

}  // namespace vitrine::clicks

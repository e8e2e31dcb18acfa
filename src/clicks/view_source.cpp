// SPDX-License-Identifier: MIT
#include "clicks/view_source.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "clicks/log_time.h"
#include "engine/printable_name.h"
#include "vitrine/error.h"

namespace vitrine::clicks {

LogForm log_form(const std::filesystem::path& log) {
  std::string extension = log.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (extension == ".csv") return LogForm::kCsv;
  if (extension == ".jsonl" || extension == ".ndjson") return LogForm::kJsonLines;
  throw Error(ErrorCode::kInvalidArgument,
              "cannot use '" + log.string() + "' as a click log: its name must end in .csv or .jsonl");
}

void require_text(const std::string& text, std::string_view field) {
  const auto refuse = [&](const std::string& found) {
    throw Error(ErrorCode::kCorrupt, std::string(field) + ": expected text, found " + found);
  };
  if (text.empty()) refuse("none");
  if (text.find('\0') != std::string::npos) refuse("a zero byte");
  if (!engine::is_valid_utf8(text)) refuse("bytes that are not UTF-8");
}

double require_time(std::string_view text) {
  const std::optional<double> time_s = parse_time(text);
  if (!time_s)
    throw Error(ErrorCode::kCorrupt,
                "time: expected seconds since the epoch or ISO 8601 (2026-01-31T12:00:00Z), found '" +
                    std::string(text) + "'");
  return *time_s;
}

void add_item(PageView& view, ShownItem item) {
  require_text(item.item, "item");
  if (view.items.size() >= kMaxItemsPerView)
    throw Error(ErrorCode::kCorrupt,
                "expected at most " + std::to_string(kMaxItemsPerView) + " items in a page view, found more");
  // Nearly always the next position, so the search begins at the end.
  auto place = view.items.end();
  while (place != view.items.begin() && std::prev(place)->position >= item.position) --place;
  if (place != view.items.end() && place->position == item.position)
    throw Error(ErrorCode::kCorrupt,
                "position " + std::to_string(item.position) + " is given twice in one page view");
  view.items.insert(place, std::move(item));
}

}  // namespace vitrine::clicks

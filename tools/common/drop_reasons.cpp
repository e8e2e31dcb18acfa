// SPDX-License-Identifier: MIT
#include "common/drop_reasons.h"

#include <nlohmann/json.hpp>
#include <string_view>

#include "common/number_text.h"
#include "common/report_page.h"

namespace vitrine::tools {
namespace {

constexpr const char* kClockBackwards = "page views earlier than the one before in their session (kept)";

std::string_view explanation(DropReason reason) {
  constexpr std::array<std::string_view, kNumDropReasons> kExplanations = {
      "lines that are no page view or shown item",
      "page views logged twice, or whose lines stand apart",
      "page views without a click",
      "page views whose photo cannot be read",
      "page views of which no click was kept",
      "items that the catalogue does not have",
      "items whose picture cannot be read",
      "items that are the photo itself",
      "items below the last click, probably not looked at",
      "clicks farther than epsilon: on another product",
      "passed over, but of the product of a kept click",
      "passed over, but nearer than gamma: the same product",
      "kept clicks without a negative"};
  return kExplanations.at(static_cast<std::size_t>(reason));
}

/// Calls `row` with each count that is not 0 and what it counts.
template <typename Row>
void for_each_count(const DroppedCounts& counts, const Row& row) {
  for (std::size_t i = 0; i < kNumDropReasons; ++i)
    if (counts.num_dropped[i] > 0) row(counts.num_dropped[i], explanation(static_cast<DropReason>(i)));
  if (counts.num_clock_backwards > 0) row(counts.num_clock_backwards, std::string_view(kClockBackwards));
}

}  // namespace

std::string dropped_text(const DroppedCounts& counts, const Style& style) {
  std::string text = "\n" + style.dim("dropped") + "\n";
  for_each_count(counts, [&](std::uint64_t count, std::string_view what) {
    text += formatted("%10llu  ", static_cast<unsigned long long>(count)) + std::string(what) + "\n";
  });
  return text;
}

std::string dropped_table(const DroppedCounts& counts) {
  std::string rows;
  for_each_count(counts, [&](std::uint64_t count, std::string_view what) {
    rows += report_row(std::string(what), std::to_string(count));
  });
  return rows.empty() ? "<p>Nothing.</p>" : "<table>" + rows + "</table>";
}

nlohmann::ordered_json dropped_json(const DroppedCounts& counts) {
  nlohmann::ordered_json object = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < kNumDropReasons; ++i)
    object[std::string(to_string(static_cast<DropReason>(i)))] = counts.num_dropped[i];
  return object;
}

std::string dropped_json_line(const Dropped& dropped) {
  nlohmann::ordered_json object = {{"reason", to_string(dropped.reason)}, {"place", dropped.place}};
  if (!dropped.query.empty()) object["query"] = dropped.query;
  if (!dropped.item.empty()) object["item"] = dropped.item;
  if (dropped.distance) object["distance"] = rounded(*dropped.distance);
  if (!dropped.detail.empty()) object["detail"] = dropped.detail;
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace vitrine::tools

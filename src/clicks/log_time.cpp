// SPDX-License-Identifier: MIT
#include "clicks/log_time.h"

#include <charconv>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <system_error>

namespace vitrine::clicks {
namespace {

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// `text` in the form of `shape`, in which 'd' stands for a digit.
bool has_shape(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i)
    if (shape[i] == 'd' ? (text[i] < '0' || text[i] > '9') : text[i] != shape[i]) return false;
  return true;
}

unsigned digits(std::string_view text, std::size_t begin, std::size_t count) {
  return whole_number<unsigned>(text.substr(begin, count)).value_or(0);
}

/// Seconds east of Greenwich of "", "Z", "+01:00" or "-0330".
std::optional<double> zone_offset_s(std::string_view zone) {
  if (zone.empty() || zone == "Z") return 0;
  const std::string_view amount = zone.substr(1);
  const bool with_colon = has_shape(amount, "dd:dd");
  if ((zone[0] != '+' && zone[0] != '-') || (!with_colon && !has_shape(amount, "dddd"))) return std::nullopt;
  const double seconds = digits(amount, 0, 2) * 3600.0 + digits(amount, with_colon ? 3 : 2, 2) * 60.0;
  return zone[0] == '-' ? -seconds : seconds;
}

std::optional<double> parse_iso_8601(std::string_view text) {
  constexpr std::size_t kDateLength = 10;
  constexpr std::size_t kSecondsEnd = 19;
  if (text.size() < kSecondsEnd || !has_shape(text.substr(0, kDateLength), "dddd-dd-dd") ||
      (text[kDateLength] != 'T' && text[kDateLength] != ' ') ||
      !has_shape(text.substr(kDateLength + 1, kSecondsEnd - kDateLength - 1), "dd:dd:dd"))
    return std::nullopt;
  const std::chrono::year_month_day date(std::chrono::year(static_cast<int>(digits(text, 0, 4))),
                                         std::chrono::month(digits(text, 5, 2)),
                                         std::chrono::day(digits(text, 8, 2)));
  const unsigned hour = digits(text, 11, 2), minute = digits(text, 14, 2), second = digits(text, 17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 60) return std::nullopt;  // 60: a leap second
  std::size_t end = kSecondsEnd;
  double fraction = 0;
  if (end < text.size() && text[end] == '.') {
    end = text.find_first_not_of("0123456789", end + 1);
    if (end == std::string_view::npos) end = text.size();
    fraction = whole_number<double>(text.substr(kSecondsEnd, end - kSecondsEnd)).value_or(0);
  }
  const std::optional<double> offset_s = zone_offset_s(text.substr(end));
  if (!offset_s) return std::nullopt;
  const auto days = std::chrono::sys_days(date).time_since_epoch().count();
  return days * 86400.0 + hour * 3600.0 + minute * 60.0 + second + fraction - *offset_s;
}

}  // namespace

std::optional<double> parse_time(std::string_view text) {
  const std::optional<double> seconds = whole_number<double>(text);
  if (seconds) return std::isfinite(*seconds) ? seconds : std::nullopt;
  return parse_iso_8601(text);
}

}  // namespace vitrine::clicks

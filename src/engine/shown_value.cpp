// SPDX-License-Identifier: MIT
#include "engine/shown_value.h"

namespace vitrine::engine {
namespace {

constexpr std::size_t kMaxShownBytes = 40;

}  // namespace

std::string shown_value(const nlohmann::json& value) {
  const std::string text = value.is_string()
                               ? value.get<std::string>()
                               : value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (text.size() <= kMaxShownBytes) return "'" + text + "'";
  // Whole characters only.
  std::size_t end = kMaxShownBytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) --end;
  return "'" + text.substr(0, end) + "...'";
}

}  // namespace vitrine::engine

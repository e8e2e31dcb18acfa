// SPDX-License-Identifier: MIT
#include "engine/printable_name.h"

#include <cstddef>
#include <cstdint>

namespace vitrine::engine {
namespace {

/// Length of the well-formed UTF-8 sequence at the start of `bytes` (Unicode 15, table 3-7); 0 if there is
/// none.
std::size_t sequence_length(std::string_view bytes) {
  const auto byte_at = [&](std::size_t i) {
    return i < bytes.size() ? static_cast<std::uint8_t>(bytes[i]) : std::uint8_t{0};
  };
  const auto is_continuation = [&](std::size_t i) { return (byte_at(i) & 0xC0) == 0x80; };
  const std::uint8_t first = byte_at(0);
  const std::uint8_t second = byte_at(1);
  if (first < 0x80) return bytes.empty() ? 0 : 1;
  if (first >= 0xC2 && first <= 0xDF) return is_continuation(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const bool overlong = first == 0xE0 && second < 0xA0;
    const bool surrogate = first == 0xED && second > 0x9F;
    return !overlong && !surrogate && is_continuation(1) && is_continuation(2) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const bool overlong = first == 0xF0 && second < 0x90;
    const bool too_large = first == 0xF4 && second > 0x8F;
    return !overlong && !too_large && is_continuation(1) && is_continuation(2) && is_continuation(3) ? 4 : 0;
  }
  return 0;
}

bool is_control(char c) {
  return (c >= 0 && c < 0x20) || c == 0x7F;
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    if (length == 0) return false;
    bytes.remove_prefix(length);
  }
  return true;
}

std::string printable_name(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string text;
  text.reserve(bytes.size());
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    if (length > 0 && !is_control(bytes.front())) {
      text += bytes.substr(0, length);
      bytes.remove_prefix(length);
    } else {
      const auto byte = static_cast<std::uint8_t>(bytes.front());
      text += '%';
      text += kDigits[byte >> 4];
      text += kDigits[byte & 0xF];
      bytes.remove_prefix(1);
    }
  }
  return text;
}

}  // namespace vitrine::engine

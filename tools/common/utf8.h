// SPDX-License-Identifier: MIT
#pragma once
/// File names are bytes; JSON, HTML and terminals want text.
#include <cstddef>
#include <string>
#include <string_view>

namespace vitrine::tools {

/// The text with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string to_valid_utf8(std::string_view bytes);

/// Control characters (which could move the cursor or split a line) replaced by '?', all other bytes kept.
std::string without_controls(std::string_view bytes);

/// Reversible form on one line: backslash, control characters and bytes that are not UTF-8 as \xHH.
std::string escape_bytes(std::string_view bytes);

/// Number of characters, as good as the number of columns for most scripts.
std::size_t display_width(std::string_view bytes);

}  // namespace vitrine::tools

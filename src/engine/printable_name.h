// SPDX-License-Identifier: MIT
#pragma once
/// File names are bytes; keys and categories are text that ends up in JSON, SQL and HTML.
#include <string>
#include <string_view>

namespace vitrine::engine {

bool is_valid_utf8(std::string_view bytes);

/// The name with every byte that is not part of valid UTF-8, and every control character, written as %XX.
std::string printable_name(std::string_view bytes);

}  // namespace vitrine::engine

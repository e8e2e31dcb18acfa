// SPDX-License-Identifier: MIT
#pragma once
/// Layout of the option lists in --help.
#include <string>
#include <string_view>

namespace vitrine::tools {

/// One option: names on the left, the text in a column beside it, wrapped to 79 characters.
std::string help_entry(std::string_view short_name, std::string_view long_name, std::string_view value_name,
                       std::string_view text);

}  // namespace vitrine::tools

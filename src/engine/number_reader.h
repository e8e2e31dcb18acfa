// SPDX-License-Identifier: MIT
#pragma once
/// Numbers as others write them, and what they write where there is none.
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::engine {

struct NumberText {
  std::optional<double> number;  ///< set if it is finite
  /// It means a number, but none that can be ranked by: nan, inf, 1e400.
  bool is_not_finite = false;
};

/// Reads a decimal number with blanks around it and a sign before it. Neither is set for any other text. What
/// is too small for a double is 0.
NumberText read_number(std::string_view text);

/// A word like NaN, -Infinity or 1e400 in a JSON text where a number should stand: other programs write them,
/// though JSON has none.
struct NonFiniteWord {
  std::string field;      ///< of the outermost object, as it is written; empty outside of one
  std::size_t begin = 0;  ///< in the text
  std::size_t length = 0;
  bool is_value_of_field = false;  ///< and not deeper inside of it
};

/// In the order of the text, which need not be valid.
std::vector<NonFiniteWord> find_non_finite(std::string_view json);

}  // namespace vitrine::engine

// SPDX-License-Identifier: MIT
#pragma once
/// What someone may have meant who mistyped a name.
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::engine {

/// Fewest insertions, deletions and replacements of bytes (ASCII case ignored) that turn `a` into `b`.
std::size_t edit_distance(std::string_view a, std::string_view b);

/// Up to `limit` names, closest first; of equally close ones, the alphabetically first.
std::vector<std::string> closest_names(std::string_view wanted, std::span<const std::string> names,
                                       std::size_t limit);

}  // namespace vitrine::engine

// SPDX-License-Identifier: MIT
#pragma once
/// What of a click log was left out, and why, in each form that tools print.
#include <array>
#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "common/terminal.h"
#include "vitrine/clicks.h"

namespace vitrine::tools {

struct DroppedCounts {
  std::array<std::uint64_t, kNumDropReasons> num_dropped{};
  std::uint64_t num_clock_backwards = 0;  ///< counted, but used
};

/// Lines for people; only reasons that there are.
std::string dropped_text(const DroppedCounts& counts, const Style& style);

/// The same as a table of a page.
std::string dropped_table(const DroppedCounts& counts);

/// All reasons with their counts.
nlohmann::ordered_json dropped_json(const DroppedCounts& counts);

/// One of them as a line of JSON.
std::string dropped_json_line(const Dropped& dropped);

}  // namespace vitrine::tools

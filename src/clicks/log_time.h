// SPDX-License-Identifier: MIT
#pragma once
#include <optional>
#include <string_view>

namespace vitrine::clicks {

/// Seconds since the epoch of "1767225600", "1767225600.25", or ISO 8601 as in "2026-01-01T00:00:00.25Z" and
/// "2026-01-01 01:00:00+01:00" (without a zone: UTC). Unset for anything else.
std::optional<double> parse_time(std::string_view text);

}  // namespace vitrine::clicks

// SPDX-License-Identifier: MIT
#pragma once
/// What vitrine-mine found, as text and as JSON (docs/cli.md).
#include <string>
#include <string_view>

#include "common/terminal.h"
#include "vitrine/clicks.h"

namespace vitrine::tools {

/// What a drop reason means, in words.
std::string_view explanation(DropReason reason);

std::string mining_text(const MiningReport& report, const Style& style);

/// One JSON object, schema "vitrine.mining/1".
std::string mining_json(const MiningReport& report);

/// One line of the list of what was dropped.
std::string dropped_json_line(const Dropped& dropped);

}  // namespace vitrine::tools

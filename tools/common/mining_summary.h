// SPDX-License-Identifier: MIT
#pragma once
/// What vitrine-mine found, as text and as JSON (docs/cli.md).
#include <string>

#include "common/terminal.h"
#include "vitrine/clicks.h"

namespace vitrine::tools {

std::string mining_text(const MiningReport& report, const Style& style);

/// One JSON object, schema "vitrine.mining/1".
std::string mining_json(const MiningReport& report);

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "common/terminal.h"
#include "vitrine/evaluate.h"

namespace vitrine::tools {

/// Recall, category accuracy and latency as a table for people.
std::string evaluation_text(const EvaluationReport& report, const Style& style);

/// One JSON object, schema "vitrine.evaluation/1" (docs/cli.md).
std::string evaluation_json(const EvaluationReport& report);

}  // namespace vitrine::tools

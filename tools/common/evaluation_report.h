// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "common/terminal.h"
#include "vitrine/evaluate.h"

namespace vitrine::tools {

/// Recall, mAP, category accuracy, boxes and latency as a table for people.
std::string evaluation_text(const EvaluationReport& report, const Style& style);

/// What differs between two evaluations of these names, as a table for people.
std::string comparison_text(const Comparison& comparison, const std::string& first, const std::string& second,
                            const Style& style);

/// One JSON object, schema "vitrine.evaluation/1" (docs/cli.md). `other` and `comparison` may be null.
std::string evaluation_json(const EvaluationReport& report, const EvaluationReport* other,
                            const Comparison* comparison);

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "common/query_answer.h"

namespace vitrine::tools {

/// The answer as one line of JSON, schema "vitrine.result/1" (docs/cli.md). Bytes that are not UTF-8 become
/// U+FFFD.
std::string result_json(const QueryAnswer& answer, ResultGroups groups = ResultGroups::kOne);

}  // namespace vitrine::tools

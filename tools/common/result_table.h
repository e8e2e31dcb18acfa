// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "common/query_answer.h"
#include "common/terminal.h"

namespace vitrine::tools {

/// The answer as aligned columns for people, under the query's name and its predicted categories. With
/// `explain` a line under each hit says how quality moved it.
std::string result_table(const QueryAnswer& answer, const Style& style, bool explain);

}  // namespace vitrine::tools

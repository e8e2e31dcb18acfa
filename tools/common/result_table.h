// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "common/query_answer.h"
#include "common/terminal.h"

namespace vitrine::tools {

/// The answer as aligned columns for people, under the query's name and its predicted categories.
std::string result_table(const QueryAnswer& answer, const Style& style);

}  // namespace vitrine::tools

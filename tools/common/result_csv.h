// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "common/query_answer.h"

namespace vitrine::tools {

/// The header line of the CSV format.
std::string result_csv_header();

/// One line per hit (RFC 4180: a field with a comma, quote or line break is quoted). Bytes are kept as they
/// are.
std::string result_csv(const QueryAnswer& answer);

}  // namespace vitrine::tools

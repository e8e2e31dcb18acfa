// SPDX-License-Identifier: MIT
#pragma once
#include <string>

#include "common/query_answer.h"

namespace vitrine::tools {

/// The header line of the CSV format. With objects there is one more column, `object`: the number of the
/// product in the photo, 0 for the whole photo.
std::string result_csv_header(ResultGroups groups = ResultGroups::kOne);

/// One line per hit (RFC 4180: a field with a comma, quote or line break is quoted). Bytes are kept as they
/// are.
std::string result_csv(const QueryAnswer& answer, ResultGroups groups = ResultGroups::kOne);

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#pragma once
/// The labelled photos of vitrine-eval.
#include <filesystem>
#include <vector>

#include "vitrine/evaluate.h"
#include "vitrine/ingest.h"

namespace vitrine::tools {

struct QueryFile {
  std::vector<EvaluationQuery> queries;
  std::vector<IngestFailure> bad_lines;
};

/// Reads CSV with the columns path, product and, if they are there, category and x0, y0, x1, y1 (a box in
/// pixels, which may be empty on some lines), in any order; other columns are passed over. Relative paths
/// count from `root`. ErrorCode::kCorrupt if a required column is missing, and the errors of reading a file.
QueryFile read_query_file(const std::filesystem::path& file, const std::filesystem::path& root);

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#pragma once
/// Draws codes from a model. Row r depends on the model's seed and r alone, so any range can be made by
/// itself and by any number of threads.
#include <cstddef>
#include <vector>

#include "index/code_array.h"
#include "index/code_model.h"

namespace vitrine::benchmarks {

/// Rows `first` to `first + count`, with all cores.
CodeArray generate_rows(const CodeModel& model, std::size_t first, std::size_t count);

/// The anchor of row `row`.
std::size_t anchor_of_row(const CodeModel& model, std::size_t row);

/// Queries near `count` rows drawn from rows `first_source` to `first_source + num_sources`. `first_query`
/// names their streams: the same numbers give the same queries, others give unseen ones.
CodeArray generate_queries(const CodeModel& model, std::size_t first_source, std::size_t num_sources,
                           std::size_t count, std::size_t first_query = 0);

/// Queries near the given rows.
CodeArray generate_queries_near(const CodeModel& model, const std::vector<std::size_t>& source_rows,
                                std::size_t first_query);

}  // namespace vitrine::benchmarks

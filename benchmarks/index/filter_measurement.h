// SPDX-License-Identifier: MIT
#pragma once
/// Searching a part of the rows: under a bitmap filter, and inside a partition.
#include <string>
#include <vector>

#include "index/data_set.h"
#include "index/table.h"

namespace vitrine::benchmarks {

struct FilterResult {
  std::string restricted_by;  ///< "filter" (a function), "bitmap" or "partition"  ///< a partition; otherwise
                              ///< a filter
  double selectivity = 1;     ///< share of the rows that qualify
  double target_recall = 1;
  double recall = 0;
  double complete = 0;     ///< share of searches that returned k rows, or all that qualify if fewer
  double cpu_seconds = 0;  ///< a query: mean
};

/// On an index of all rows, at selectivities from 1 to 0.00001.
std::vector<FilterResult> measure_filters(const HammingIndex& index, const DataSet& data);
/// On an index of its own, with ten partitions of a tenth of the rows each.
std::vector<FilterResult> measure_partitions(const DataSet& data);
Table filter_table(const DataSet& data, const std::vector<FilterResult>& results);

}  // namespace vitrine::benchmarks

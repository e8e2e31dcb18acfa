// SPDX-License-Identifier: MIT
#pragma once
/// What becomes of recall when the rows change after the index was built.
#include <vector>

#include "index/data_set.h"
#include "index/table.h"

namespace vitrine::benchmarks {

/// An index at one target recall.
struct TargetResult {
  double target_recall = 0;
  double recall = 0;
  double cpu_seconds = 0;  ///< a query: mean
};

/// Rows of the first tenth of the clusters come first, the others later in batches.
struct DriftResult {
  std::vector<TargetResult> drifted;
  std::vector<TargetResult> fresh;  ///< an index that was given all rows at once
  /// The largest loss of recall at the CPU time that the fresh index takes, over the fresh index's settings;
  /// between two settings of the drifted index recall is interpolated.
  double largest_loss = 0;
  double insert_seconds = 0;  ///< process CPU time of the later batches
};
/// Nothing to measure (an empty result) for data without clusters.
DriftResult measure_drift(const DataSet& data);
Table drift_table(const DataSet& data, const DriftResult& result);

/// 30 % of the rows get another code; unseen queries near the rows as they are then.
std::vector<TargetResult> measure_replacement(const DataSet& data);
Table replacement_table(const DataSet& data, const std::vector<TargetResult>& results);

}  // namespace vitrine::benchmarks

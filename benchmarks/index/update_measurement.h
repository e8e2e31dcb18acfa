// SPDX-License-Identifier: MIT
#pragma once
/// Changing an index of all rows of a data set, alone and while others search. Both leave it as they found
/// it.
#include <vector>

#include "index/data_set.h"
#include "index/table.h"

namespace vitrine::benchmarks {

struct UpdateResult {
  double adds_per_second = 0;     ///< new rows, 1,000 a call, by process CPU time
  double upsert_new_seconds = 0;  ///< one new row: median, by the wall
  double upsert_old_seconds = 0;  ///< replacing one row
  double remove_seconds = 0;
  double upsert_new_p99_seconds = 0;
  double upsert_old_p99_seconds = 0;
  double remove_p99_seconds = 0;
};
UpdateResult measure_updates(HammingIndex& index, const DataSet& data);
Table update_table(const DataSet& data, const UpdateResult& result);

/// Searches one after another while a second thread replaces 20,000 rows a second.
struct ConcurrentResult {
  double target_recall = 0;
  double idle_p50_seconds = 0;  ///< of one search, by the wall
  double idle_p99_seconds = 0;
  double busy_p50_seconds = 0;
  double busy_p99_seconds = 0;
  double upserts_per_second = 0;  ///< achieved
};
std::vector<ConcurrentResult> measure_concurrent(HammingIndex& index, const DataSet& data, double seconds);
Table concurrent_table(const DataSet& data, const std::vector<ConcurrentResult>& results);

}  // namespace vitrine::benchmarks

// SPDX-License-Identifier: MIT
#pragma once
/// Building and searching, the same for every contender.
#include <optional>
#include <string>
#include <vector>

#include "index/contender.h"
#include "index/data_set.h"
#include "index/table.h"

namespace vitrine::benchmarks {

struct BuildResult {
  std::string contender;
  double cpu_seconds = 0;  ///< of all threads
  double wall_seconds = 0;
  double resident_bytes_per_row = 0;               ///< growth of the process
  std::optional<double> reported_bytes_per_row{};  ///< what the index says
  std::optional<double> remove_seconds{};          ///< removing one row: the median; unset if it cannot
};

/// A contender at one setting.
struct OperatingPoint {
  std::string contender;
  std::string setting;
  double recall = 0;
  std::size_t num_queries = 0;   ///< as many as the time allowed
  double cpu_seconds = 0;        ///< a query, alone: mean
  double batch_cpu_seconds = 0;  ///< a query, 64 at once: mean
  double single_rate = 0;        ///< queries a second by the wall
  double batch_rate = 0;
  double threads_rate = 0;  ///< single queries on `threads` threads together
  double p50_seconds = 0;   ///< of one query, by the wall
  double p99_seconds = 0;
};

struct SearchLimits {
  double max_seconds = 2;  ///< for each of the three ways of searching, at each setting
  unsigned threads = 2;
};

BuildResult measure_build(Contender& contender, const DataSet& data);
/// Removes a few rows; call it last.
void measure_removal(Contender& contender, const DataSet& data, BuildResult& result);
std::vector<OperatingPoint> measure_searches(Contender& contender, const DataSet& data,
                                             const SearchLimits& limits);

Table build_table(const std::string& data_name, const std::vector<BuildResult>& results);
Table search_table(const DataSet& data, const std::vector<OperatingPoint>& points);

}  // namespace vitrine::benchmarks

// SPDX-License-Identifier: MIT
#pragma once
/// Runs runbooks on Vitrine's index.
#include <string>
#include <vector>

#include "index/data_set.h"
#include "index/runbook.h"
#include "index/table.h"

namespace vitrine::benchmarks {

struct RunbookResult {
  std::string name;
  std::size_t num_searches = 0;   ///< search steps
  double mean_recall = 0;         ///< over the search steps
  double lowest_recall = 1;       ///< of a search step
  double search_cpu_seconds = 0;  ///< a query: mean
  double change_cpu_seconds = 0;  ///< all changes together, of all threads
  double memory_bytes = 0;        ///< at the end
  double fresh_memory_bytes = 0;  ///< of an index that was given the final rows at once
};

/// At target recall 0.99.
RunbookResult run_runbook(const Runbook& book, const DataSet& data);
Table runbook_table(const DataSet& data, std::size_t num_rows, const std::vector<RunbookResult>& results);

}  // namespace vitrine::benchmarks

// SPDX-License-Identifier: MIT
#pragma once
/// The aims that Vitrine's index is held to, beside what was measured.
#include <optional>
#include <vector>

#include "index/change_scenarios.h"
#include "index/data_set.h"
#include "index/file_measurement.h"
#include "index/filter_measurement.h"
#include "index/runbook_measurement.h"
#include "index/search_measurement.h"
#include "index/table.h"
#include "index/update_measurement.h"

namespace vitrine::benchmarks {

/// What was measured of Vitrine's index on one data set; empty: not measured.
struct Findings {
  std::optional<BuildResult> build;
  std::vector<OperatingPoint> points;
  std::optional<FileResult> files;
  std::optional<UpdateResult> updates;
  std::vector<ConcurrentResult> concurrent;
  std::vector<FilterResult> filters;
  DriftResult drift;
  std::vector<TargetResult> replacement;
  std::vector<RunbookResult> runbooks;
};

/// One row an aim. An aim stated for another number of rows or kind of codes is left out; with other than 512
/// bits or k = 60 nothing can be compared and the table is empty.
Table bar_table(const DataSet& data, const Findings& findings);

}  // namespace vitrine::benchmarks

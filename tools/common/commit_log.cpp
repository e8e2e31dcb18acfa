// SPDX-License-Identifier: MIT
#include "common/commit_log.h"

#include <iostream>

namespace vitrine::tools {

CommitLog::CommitLog(std::string_view tool, const CommitLogOptions& options)
    : tool_(tool), options_(options) {
  if (!options_.errors.empty()) failures_.emplace(options_.errors);
}

void CommitLog::keep(std::span<const IngestFailure> failures) {
  if (failures_) failures_->add(failures);
}

void CommitLog::add(CommitReport report) {
  report.counts.num_failed = report.failures.size();
  sum_ += report.counts;
  keep(report.failures);
  print_failures(tool_, report.failures,
                 options_.errors.empty() ? "--errors FILE lists all" : "all are in " + options_.errors);
  print_failures(tool_, report.warnings, "--json lists all", "warnings");
  if (options_.json)
    std::cout << commit_json(report) << std::flush;
  else if (!options_.quiet)
    std::cout << commit_text(report) << std::flush;
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#pragma once
/// Tells what each commit did as soon as it is durable: the commit on stdout, its failures on stderr and in a
/// file.
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "common/commit_report.h"
#include "common/failure_list.h"

namespace vitrine::tools {

struct CommitLogOptions {
  std::string errors;  ///< file that gets every failure; empty: none
  bool json = false;
  bool quiet = false;  ///< no line a commit, unless it is JSON
};

class CommitLog {
 public:
  /// ErrorCode::kIo if the file cannot be written.
  CommitLog(std::string_view tool, const CommitLogOptions& options);

  /// Counts the report's failures, adds it to the sum and prints it. ErrorCode::kIo.
  void add(CommitReport report);
  /// Puts failures that were told already into the file.
  void keep(std::span<const IngestFailure> failures);
  const CommitCounts& sum() const { return sum_; }

 private:
  std::string tool_;
  CommitLogOptions options_;
  std::optional<FailureFile> failures_;
  CommitCounts sum_;
};

}  // namespace vitrine::tools

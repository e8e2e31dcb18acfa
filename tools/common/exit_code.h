// SPDX-License-Identifier: MIT
#pragma once
/// What a tool's exit status tells a script. The same numbers for every tool (docs/cli.md).
#include "vitrine/error.h"

namespace vitrine::tools {

enum class ExitCode : int {
  kDone = 0,
  kNothingFound = 1,  ///< no picture, no hit, or a difference found
  kUsage = 2,         ///< the command line is wrong
  kUnreadable = 3,    ///< input missing, unreadable or damaged, or output that cannot be written
  kPartial = 4,       ///< some of the queries were answered
  kSomeFailed = 5,    ///< done, apart from files that were listed
  kInterrupted = 130  ///< stopped by the user after a clean checkpoint
};

ExitCode exit_code_of(ErrorCode code);

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "common/exit_code.h"

namespace vitrine::tools {

ExitCode exit_code_of(ErrorCode code) {
  return code == ErrorCode::kInvalidArgument ? ExitCode::kUsage : ExitCode::kUnreadable;
}

}  // namespace vitrine::tools

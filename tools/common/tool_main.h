// SPDX-License-Identifier: MIT
#pragma once
/// The frame around every tool: exceptions become one line on stderr and an exit code.
#include <functional>
#include <string_view>

#include "common/exit_code.h"

namespace vitrine::tools {

/// Runs `body` and returns the process's exit status. Results that could not be written to stdout whole (full
/// disk) are a failure too.
int run_tool(std::string_view name, const std::function<ExitCode()>& body);

/// Writes "<name>: <message>" to stderr.
void complain(std::string_view name, std::string_view message);

}  // namespace vitrine::tools

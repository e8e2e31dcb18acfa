// SPDX-License-Identifier: MIT
#pragma once
/// The frame around every tool: exceptions become one line on stderr and an exit code.
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "common/command_line.h"
#include "common/exit_code.h"

namespace vitrine::tools {

/// Runs `body` and returns the process's exit status. Results that could not be written to stdout whole (full
/// disk) are a failure too.
int run_tool(std::string_view name, const std::function<ExitCode()>& body);

/// As above, with the words of the command line that belong to no option. `--help` and `--version` end here.
int run_tool(CommandLine line, int argc, char** argv,
             const std::function<ExitCode(const std::vector<std::string>& words)>& body);

/// Writes "<name>: <message>" to stderr.
void complain(std::string_view name, std::string_view message);

}  // namespace vitrine::tools

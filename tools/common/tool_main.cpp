// SPDX-License-Identifier: MIT
#include "common/tool_main.h"

#include <exception>
#include <iostream>
#include <new>
#include <string>

namespace vitrine::tools {
namespace {

ExitCode guarded(std::string_view name, const std::function<ExitCode()>& body) {
  try {
    return body();
  } catch (const UsageError& error) {
    complain(name, error.what());
    std::cerr << "Try '" << name << " --help'.\n";
    return ExitCode::kUsage;
  } catch (const Error& error) {
    complain(name, error.what());
    return exit_code_of(error.code());
  } catch (const std::bad_alloc&) {
    complain(name, "out of memory");
  } catch (const std::exception& error) {
    complain(name, std::string("unexpected failure, please report it: ") + error.what());
  }
  return ExitCode::kUnreadable;
}

}  // namespace

void complain(std::string_view name, std::string_view message) {
  std::cerr << name << ": " << message << '\n';
}

int run_tool(std::string_view name, const std::function<ExitCode()>& body) {
  ExitCode code = guarded(name, body);
  std::cout.flush();
  if (!std::cout) {
    complain(name, "cannot write the results to standard output; is the disk full?");
    code = ExitCode::kUnreadable;
  }
  return static_cast<int>(code);
}

int run_tool(CommandLine line, int argc, char** argv,
             const std::function<ExitCode(const std::vector<std::string>&)>& body) {
  return run_tool(line.program(), [&] {
    if (!line.parse(argc, argv)) return ExitCode::kDone;
    return body(line.positional());
  });
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#pragma once
/// Runs a program and tells what it printed and how it ended.
#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace vitrine::test {

struct ProcessOptions {
  std::filesystem::path folder{};  ///< working directory
  std::string input{};             ///< standard input
  std::filesystem::path output{};  ///< where standard output goes; default: into the result
  std::map<std::string, std::string> environment{};
  /// Run as this user if the tests run as root, whom permissions do not bind.
  bool without_privileges = false;
  std::optional<std::size_t> file_size_limit_bytes{};
};

struct ProcessResult {
  int exit_code = 0;  ///< 128 + signal if a signal ended it
  std::string out;
  std::string err;
};

/// A program under way. Its output goes to files, so that it never waits for a reader.
class Process {
 public:
  Process(const std::filesystem::path& program, const std::vector<std::string>& arguments,
          const ProcessOptions& options);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  void send_signal(int signal_number) const;
  bool running();
  ProcessResult wait();

 private:
  std::filesystem::path scratch_;
  pid_t pid_ = -1;
  std::optional<int> status_;
};

}  // namespace vitrine::test

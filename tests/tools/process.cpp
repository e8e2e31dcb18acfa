// SPDX-License-Identifier: MIT
#include "tools/process.h"

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <stdexcept>

#include "tools/text_file.h"

namespace vitrine::test {
namespace {

void redirect(const std::filesystem::path& file, int flags, int descriptor) {
  const int opened = ::open(file.c_str(), flags, 0666);
  if (opened < 0 || ::dup2(opened, descriptor) < 0) {
    ::_exit(120);
  }
  ::close(opened);
}

// In the child, between fork and exec.
void prepare(const std::filesystem::path& scratch, const ProcessOptions& options) {
  redirect(scratch / "in", O_RDONLY, STDIN_FILENO);
  redirect(options.output.empty() ? scratch / "out" : options.output, O_WRONLY | O_CREAT | O_TRUNC,
           STDOUT_FILENO);
  redirect(scratch / "err", O_WRONLY | O_CREAT | O_TRUNC, STDERR_FILENO);
  if (!options.folder.empty() && ::chdir(options.folder.c_str()) != 0) {
    ::_exit(121);
  }
  for (const char* variable : {"VITRINE_MODEL", "VITRINE_JSON", "NO_COLOR"}) {
    ::unsetenv(variable);
  }
  for (const auto& [name, value] : options.environment) {
    ::setenv(name.c_str(), value.c_str(), 1);
  }
  if (options.file_size_limit_bytes) {
    ::signal(SIGXFSZ, SIG_IGN);  // write() then fails with EFBIG instead
    const rlimit limit{*options.file_size_limit_bytes, *options.file_size_limit_bytes};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  constexpr uid_t kNobody = 65534;
  if (options.without_privileges && ::geteuid() == 0 &&
      (::setgroups(0, nullptr) != 0 || ::setgid(kNobody) != 0 || ::setuid(kNobody) != 0)) {
    ::_exit(122);
  }
}

}  // namespace

Process::Process(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                 const ProcessOptions& options) {
  std::string pattern = (std::filesystem::temp_directory_path() / "vitrine-process-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) {
    throw std::runtime_error("cannot make a temporary folder");
  }
  scratch_ = pattern;
  write_file(scratch_ / "in", options.input);
  std::vector<char*> argv = {const_cast<char*>(program.c_str())};
  for (const std::string& argument : arguments) {
    argv.push_back(const_cast<char*>(argument.c_str()));
  }
  argv.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    prepare(scratch_, options);
    ::execv(program.c_str(), argv.data());
    ::_exit(127);
  }
}

Process::~Process() {
  if (!status_) {
    send_signal(SIGKILL);
    wait();
  }
  std::filesystem::remove_all(scratch_);
}

void Process::send_signal(int signal_number) const {
  ::kill(pid_, signal_number);
}

bool Process::running() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, WNOHANG) == pid_) {
    status_ = status;
  }
  return !status_;
}

ProcessResult Process::wait() {
  int status = 0;
  if (!status_ && ::waitpid(pid_, &status, 0) == pid_) {
    status_ = status;
  }
  status = status_.value_or(0);
  return {WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), read_file(scratch_ / "out"),
          read_file(scratch_ / "err")};
}

}  // namespace vitrine::test

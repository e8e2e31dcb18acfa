// SPDX-License-Identifier: MIT
#include "common/interruption.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <string_view>

#include "common/exit_code.h"

namespace vitrine::tools {
namespace {

std::atomic<bool> requested = false;
std::atomic<const char*> last_words = nullptr;
static_assert(std::atomic<bool>::is_always_lock_free && std::atomic<const char*>::is_always_lock_free,
              "a signal handler may only touch lock-free atomics");

void say(std::string_view message) {
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, message.data(), message.size());
}

// Callable in a signal handler, and beside threads that go on until it is done.
[[noreturn]] void end_at_once(const char* message) {
  say({message, std::strlen(message)});
  ::_exit(static_cast<int>(ExitCode::kInterrupted));
}

void on_signal(int) {
  const int saved_errno = errno;
  requested = true;
  if (const char* const message = last_words) {
    say("\n");
    end_at_once(message);
  }
  say("\nStopping at a clean checkpoint; once more to stop at once.\n");
  ::signal(SIGINT, SIG_DFL);
  ::signal(SIGTERM, SIG_DFL);
  errno = saved_errno;
}

}  // namespace

void catch_interruptions() {
  struct sigaction action = {};
  action.sa_handler = on_signal;
  action.sa_flags = SA_RESTART;  // reads and writes under way are not cut short
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool interruption_requested() {
  return requested;
}

ImmediateInterruption::ImmediateInterruption(const char* message) {
  last_words = message;
  if (requested) end_at_once(message);
}

ImmediateInterruption::~ImmediateInterruption() {
  last_words = nullptr;
}

}  // namespace vitrine::tools

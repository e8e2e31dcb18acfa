// SPDX-License-Identifier: MIT
#include "common/interruption.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string_view>

namespace vitrine::tools {
namespace {

std::atomic<bool> requested = false;
static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");

void on_signal(int) {
  const int saved_errno = errno;
  requested = true;
  constexpr std::string_view kMessage = "\nStopping at a clean checkpoint; once more to stop at once.\n";
  [[maybe_unused]] const auto written = ::write(STDERR_FILENO, kMessage.data(), kMessage.size());
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

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "catalog/state_watch.h"

namespace vitrine::catalog {

std::uint64_t StateWatch::newest_state() const {
  const std::lock_guard lock(mutex_);
  // Not a transaction of its own, so every call sees the newest commit.
  if (!state_) state_ = database_.prepare("SELECT value FROM meta WHERE name = 'state'");
  const ResetAtEnd reset_at_end(state_);
  return state_.step() ? static_cast<std::uint64_t>(state_.integer(0)) : 0;
}

}  // namespace vitrine::catalog

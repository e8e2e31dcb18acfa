// SPDX-License-Identifier: MIT
#pragma once
/// A reader-writer lock under which a waiting writer is next: std::shared_mutex alone may let a steady stream
/// of readers keep a writer out for ever. For std::shared_lock and std::lock_guard.
#include <mutex>
#include <shared_mutex>

namespace vitrine::index {

class FairSharedMutex {
 public:
  void lock_shared() {
    const std::lock_guard queue(turnstile_);
    readers_and_writer_.lock_shared();
  }
  void unlock_shared() { readers_and_writer_.unlock_shared(); }

  // A writer waits for the running readers inside the turnstile, so that no further reader starts.
  void lock() {
    const std::lock_guard queue(turnstile_);
    readers_and_writer_.lock();
  }
  void unlock() { readers_and_writer_.unlock(); }

 private:
  std::mutex turnstile_;
  std::shared_mutex readers_and_writer_;
};

}  // namespace vitrine::index

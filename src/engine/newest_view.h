// SPDX-License-Identifier: MIT
#pragma once
/// Keeps an immutable view of something that others change, and puts a newer one in its place when there is
/// one. Whoever holds a view keeps it whole; nobody waits for a newer one but the caller that makes it.
#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>

#include "vitrine/error.h"

namespace vitrine::engine {

template <typename View>
class NewestView {
 public:
  using Clock = std::chrono::steady_clock;
  using Pointer = std::shared_ptr<const View>;
  /// Makes the newest view from the latest one; null: that is the newest. Never called twice at once.
  using Advance = std::function<Pointer(const Pointer&)>;

  NewestView(Pointer first, Clock::duration max_age, Advance advance)
      : max_age_(max_age),
        advance_(std::move(advance)),
        latest_(std::move(first)),
        looked_at_(Clock::now()) {}

  /// A view that was the newest `max_age` ago, or when somebody began to make a newer one. A newer one that
  /// cannot be made leaves the latest: it is tried again after `max_age`, and `refresh` reports why.
  Pointer get() {
    if (Clock::now() - looked_at_.load(std::memory_order_relaxed) >= max_age_) {
      const std::unique_lock lock(advance_mutex_, std::try_to_lock);
      if (lock.owns_lock()) {
        try {
          advance();
        } catch (const std::exception&) {
        }
      }
    }
    return latest();
  }

  /// Looks for a newer view now; returns whether there was one. Errors: those of making it.
  bool refresh() {
    const std::lock_guard lock(advance_mutex_);
    return advance();
  }

 private:
  Pointer latest() const {
    const std::lock_guard lock(latest_mutex_);
    return latest_;
  }

  bool advance() {
    // The time before the look, so that a commit during it counts as one after it.
    looked_at_.store(Clock::now(), std::memory_order_relaxed);
    Pointer newer = advance_(latest());
    if (!newer) return false;
    const std::lock_guard lock(latest_mutex_);
    latest_.swap(newer);  // the old one may take long to destroy, which is for the end of this call
    return true;
  }

  const Clock::duration max_age_;
  const Advance advance_;
  std::mutex advance_mutex_;
  mutable std::mutex latest_mutex_;
  Pointer latest_;
  std::atomic<Clock::time_point> looked_at_;
};

}  // namespace vitrine::engine

// SPDX-License-Identifier: MIT
#pragma once
/// Keeps an immutable view of something that others change, and puts a newer one in its place when there is
/// one. Whoever holds a view keeps it whole; nobody waits for a newer one but the caller that makes it, and
/// while views are asked for often, a thread does that.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
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

  /// With a `max_age` of 0 there is no thread, and every call of `get` looks for itself.
  NewestView(Pointer first, Clock::duration max_age, Advance advance)
      : max_age_(max_age), advance_(std::move(advance)), latest_(std::move(first)), looked_at_(Clock::now()) {
    if (max_age_ > Clock::duration::zero()) thread_ = std::thread([this] { follow(); });
  }
  NewestView(const NewestView&) = delete;
  NewestView& operator=(const NewestView&) = delete;
  ~NewestView() {
    {
      const std::lock_guard lock(wake_mutex_);
      stop_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

  /// A view that was the newest `max_age` ago, or when somebody began to make a newer one. A newer one that
  /// cannot be made leaves the latest: it is tried again after `max_age`, and `refresh` reports why.
  Pointer get() {
    was_asked_.store(true, std::memory_order_relaxed);
    if (is_idle_.load(std::memory_order_relaxed)) wake_.notify_one();
    if (Clock::now() - looked_at_.load(std::memory_order_relaxed) >= max_age_) try_to_advance();
    return latest();
  }

  /// Looks for a newer view now; returns whether there was one. Errors: those of making it.
  bool refresh() {
    const std::lock_guard lock(advance_mutex_);
    return advance();
  }

 private:
  // How often it looks when nobody asks: what the old view holds should not be held for ever.
  static constexpr std::chrono::seconds kIdlePeriod{1};

  void follow() {
    std::unique_lock lock(wake_mutex_);
    Clock::time_point asked_at = Clock::now();
    while (!stop_) {
      if (was_asked_.exchange(false)) asked_at = Clock::now();
      is_idle_ = Clock::now() - asked_at >= kIdlePeriod;
      // A wake-up that comes too early or gets lost costs `max_age` once, for the caller that then looks.
      if (is_idle_) {
        wake_.wait_for(lock, kIdlePeriod, [this] { return stop_ || was_asked_.load(); });
      } else {
        wake_.wait_for(lock, max_age_ / 2, [this] { return stop_; });
      }
      if (stop_) break;
      lock.unlock();
      try_to_advance();
      lock.lock();
    }
  }

  void try_to_advance() {
    const std::unique_lock lock(advance_mutex_, std::try_to_lock);
    if (!lock.owns_lock()) return;
    try {
      advance();
    } catch (const std::exception&) {
    }
  }

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

  std::atomic<bool> was_asked_ = false;
  std::atomic<bool> is_idle_ = false;
  std::mutex wake_mutex_;
  std::condition_variable wake_;
  bool stop_ = false;
  std::thread thread_;  // last: it uses all others
};

}  // namespace vitrine::engine

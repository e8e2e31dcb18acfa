// SPDX-License-Identifier: MIT
#pragma once
/// Gives numbered tasks to worker threads and their results, in the order of the numbers, to one consumer.
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

namespace vitrine::engine {

/// All calls may run concurrently; `take` and `finished` belong to the one consumer. Locks are taken per
/// task, never per picture. Memory: at most `window` results exist that the consumer has not taken.
template <typename Result>
class OrderedExchange {
 public:
  OrderedExchange(std::size_t num_tasks, std::size_t window) : num_tasks_(num_tasks), window_(window) {}

  /// The next task; waits while the consumer is a whole window behind. Nothing once all are given out or
  /// stopped.
  std::optional<std::size_t> claim() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopped_ || claimed_ == num_tasks_ || claimed_ < taken_ + window_; });
    if (stopped_ || claimed_ == num_tasks_) return std::nullopt;
    return claimed_++;
  }

  /// Runs `step` once the steps of all lower tasks are done, so that steps see each other's effects in task
  /// order. Every claimed task must come here once. False, without running it, if stopped.
  template <typename Step>
  bool in_turn(std::size_t task, const Step& step) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stopped_ || turn_ == task; });
      if (stopped_) return false;
    }
    step();  // nobody else has this turn
    const std::lock_guard lock(mutex_);
    ++turn_;
    changed_.notify_all();
    return true;
  }

  void deliver(std::size_t task, Result result) {
    const std::lock_guard lock(mutex_);
    results_.emplace(task, std::move(result));
    changed_.notify_all();
  }

  /// Ends the run because a worker met an error that is not a single picture's; `take` throws it.
  void fail(std::exception_ptr error) {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    stopped_ = true;
    changed_.notify_all();
  }

  void stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    changed_.notify_all();
  }

  /// Cheap enough to ask between pictures.
  bool stopped() const { return stopped_.load(std::memory_order_relaxed); }

  /// The next result in order, or nothing if it does not come within `timeout`.
  std::optional<Result> take(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [&] { return error_ || results_.contains(taken_); });
    if (error_) std::rethrow_exception(error_);
    const auto found = results_.find(taken_);
    if (found == results_.end()) return std::nullopt;
    std::optional<Result> result(std::move(found->second));
    results_.erase(found);
    ++taken_;
    changed_.notify_all();
    return result;
  }

  bool finished() const {
    const std::lock_guard lock(mutex_);
    return taken_ == num_tasks_;
  }

 private:
  const std::size_t num_tasks_;
  const std::size_t window_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t claimed_ = 0;
  std::size_t turn_ = 0;
  std::size_t taken_ = 0;
  std::map<std::size_t, Result> results_;
  std::exception_ptr error_;
  std::atomic<bool> stopped_ = false;  ///< changed under the mutex
};

}  // namespace vitrine::engine

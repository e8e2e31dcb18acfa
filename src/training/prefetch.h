// SPDX-License-Identifier: MIT
#pragma once
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>

namespace vitrine::training {

/// The results of make(0), make(1), ... in order, made some steps ahead on a thread of its own.
template <typename Item>
class Prefetch {
 public:
  Prefetch(std::size_t count, std::function<Item(std::size_t)> make)
      : count_(count), make_(std::move(make)), producer_([this] { produce(); }) {}
  ~Prefetch() {
    {
      const std::lock_guard lock(mutex_);
      stop_ = true;
    }
    changed_.notify_all();
  }
  Prefetch(const Prefetch&) = delete;
  Prefetch& operator=(const Prefetch&) = delete;

  /// Blocks until the next item is ready. Call it `count` times at most.
  Item next() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !ready_.empty(); });
    Item item = std::move(ready_.front());
    ready_.pop_front();
    changed_.notify_all();
    return item;
  }

 private:
  static constexpr std::size_t kItemsAhead = 4;

  void produce() {
    for (std::size_t i = 0; i < count_; ++i) {
      Item item = make_(i);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stop_ || ready_.size() < kItemsAhead; });
      if (stop_) return;
      ready_.push_back(std::move(item));
      changed_.notify_all();
    }
  }

  const std::size_t count_;
  const std::function<Item(std::size_t)> make_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Item> ready_;
  bool stop_ = false;
  std::jthread producer_;  // last: it uses all of the above
};

}  // namespace vitrine::training

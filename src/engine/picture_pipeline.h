// SPDX-License-Identifier: MIT
#pragma once
/// What every run over many pictures shares: how they are cut into tasks, the threads that work on these, and
/// the loop that takes their results in order.
#include <chrono>
#include <cstddef>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "engine/ordered_exchange.h"
#include "vitrine/ingest.h"

namespace vitrine::engine {

struct PipelineShape {
  std::size_t batch_size = 1;  ///< pictures that go through the network at a time
  std::size_t task_size = 1;   ///< pictures that a worker takes at a time
  std::size_t num_tasks = 0;
  std::size_t num_threads = 1;
  std::size_t window = 1;  ///< tasks that may wait for the consumer
};

/// `num_threads` 0: one per core.
PipelineShape pipeline_shape(std::size_t num_pictures, const Embedder& embedder, unsigned num_threads);

/// The workers of one run; they end, at the latest, with this object.
class WorkerPool {
 public:
  /// Runs `work` in each thread; it must not throw. `stop` makes it return early. ErrorCode::kResource if not
  /// even one thread can be started.
  WorkerPool(std::size_t num_threads, const std::function<void()>& work, std::function<void()> stop);
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool();

 private:
  std::function<void()> stop_;
  std::vector<std::thread> threads_;
};

/// Reports at most ten times a second.
class ProgressMeter {
 public:
  /// `callback` may be empty; it outlives the meter.
  ProgressMeter(const std::function<void(const IngestProgress&)>& callback, std::uint64_t num_total,
                std::uint64_t num_unchanged);

  void update(std::uint64_t num_done, std::uint64_t num_failed);
  void report() const;

 private:
  const std::function<void(const IngestProgress&)>& callback_;
  IngestProgress progress_;
  std::chrono::steady_clock::time_point last_report_ = std::chrono::steady_clock::now();
};

/// Calls `consume` for the results of all pictures, in order; false if `should_stop` (which may be empty)
/// ended it.
template <typename Result, typename Consume>
bool drain(OrderedExchange<std::vector<Result>>& exchange, const std::function<bool()>& should_stop,
           const Consume& consume) {
  constexpr std::chrono::milliseconds kPollInterval{50};
  bool any_done = false;
  while (!exchange.finished()) {
    if (should_stop && should_stop()) return false;
    std::optional<std::vector<Result>> task = exchange.take(kPollInterval);
    if (!task) continue;
    for (Result& result : *task) {
      if (any_done && should_stop && should_stop()) return false;
      consume(std::move(result));
      any_done = true;
    }
  }
  return true;
}

}  // namespace vitrine::engine

// SPDX-License-Identifier: MIT
#include "engine/picture_pipeline.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <utility>

#include "vitrine/error.h"

namespace vitrine::engine {
namespace {

/// Fewest pictures that a worker takes at a time: makes locks and wake-ups negligible.
constexpr std::size_t kMinTaskSize = 16;
/// Tasks per worker that may wait for the consumer: enough to ride out a commit.
constexpr std::size_t kWindowPerWorker = 8;

}  // namespace

PipelineShape pipeline_shape(std::size_t num_pictures, const Embedder& embedder, unsigned num_threads) {
  PipelineShape shape;
  shape.batch_size = std::max<std::size_t>(embedder.preferred_batch(), 1);
  shape.task_size = (kMinTaskSize + shape.batch_size - 1) / shape.batch_size * shape.batch_size;
  shape.num_tasks = (num_pictures + shape.task_size - 1) / shape.task_size;
  const std::size_t num_cores = num_threads > 0 ? num_threads : std::thread::hardware_concurrency();
  shape.num_threads = std::min(std::max<std::size_t>(num_cores, 1), shape.num_tasks);
  shape.window = kWindowPerWorker * shape.num_threads;
  return shape;
}

WorkerPool::WorkerPool(std::size_t num_threads, const std::function<void()>& work, std::function<void()> stop)
    : stop_(std::move(stop)) {
  threads_.reserve(num_threads);
  try {
    for (std::size_t i = 0; i < num_threads; ++i) threads_.emplace_back(work);
  } catch (const std::system_error& error) {
    if (!threads_.empty()) return;  // fewer workers do the same work
    throw Error(ErrorCode::kResource, std::string("cannot start a thread: ") + error.what());
  }
}

WorkerPool::~WorkerPool() {
  stop_();
  for (std::thread& thread : threads_) thread.join();
}

ProgressMeter::ProgressMeter(const std::function<void(const IngestProgress&)>& callback,
                             std::uint64_t num_total, std::uint64_t num_unchanged)
    : callback_(callback) {
  progress_.num_total = num_total;
  progress_.num_unchanged = num_unchanged;
}

void ProgressMeter::update(std::uint64_t num_done, std::uint64_t num_failed) {
  progress_.num_done = num_done;
  progress_.num_failed = num_failed;
  const auto now = std::chrono::steady_clock::now();
  if (now - last_report_ < std::chrono::milliseconds(100)) return;
  last_report_ = now;
  report();
}

void ProgressMeter::report() const {
  if (callback_) callback_(progress_);
}

}  // namespace vitrine::engine

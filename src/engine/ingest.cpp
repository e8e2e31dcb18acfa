// SPDX-License-Identifier: MIT
#include "vitrine/ingest.h"

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "engine/ingest_plan.h"
#include "engine/ingest_worker.h"
#include "engine/ingest_writer.h"
#include "engine/model_check.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using Clock = std::chrono::steady_clock;

/// Fewest pictures that a worker takes at a time: makes locks and wake-ups negligible.
constexpr std::size_t kMinTaskSize = 16;
/// Tasks per worker that may wait for the writer: enough to ride out a commit.
constexpr std::size_t kWindowPerWorker = 8;
constexpr std::chrono::milliseconds kPollInterval{50};

/// Reports at most ten times a second.
class ProgressMeter {
 public:
  ProgressMeter(const IngestOptions& options, const engine::IngestPlan& plan)
      : callback_(options.on_progress) {
    progress_.num_total = plan.pictures.size();
    progress_.num_unchanged = plan.num_unchanged;
  }

  void update(std::uint64_t num_done, std::uint64_t num_failed) {
    progress_.num_done = num_done;
    progress_.num_failed = num_failed;
    const Clock::time_point now = Clock::now();
    if (now - last_report_ < std::chrono::milliseconds(100)) return;
    last_report_ = now;
    report();
  }

  void report() const {
    if (callback_) callback_(progress_);
  }

 private:
  const std::function<void(const IngestProgress&)>& callback_;
  IngestProgress progress_;
  Clock::time_point last_report_ = Clock::now();
};

/// The workers of one run; they end, at the latest, with this object.
class WorkerPool {
 public:
  WorkerPool(const engine::IngestShared& shared, engine::ContentRegister& contents, std::size_t num_threads)
      : exchange_(shared.exchange) {
    threads_.reserve(num_threads);
    try {
      for (std::size_t i = 0; i < num_threads; ++i)
        threads_.emplace_back([&shared, &contents] { engine::run_ingest_worker(shared, contents); });
    } catch (const std::system_error& error) {
      if (!threads_.empty()) return;  // fewer workers do the same work
      throw Error(ErrorCode::kResource, std::string("cannot start a thread: ") + error.what());
    }
  }
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;
  ~WorkerPool() {
    exchange_.stop();
    for (std::thread& thread : threads_) thread.join();
  }

 private:
  engine::IngestExchange& exchange_;
  std::vector<std::thread> threads_;
};

/// Takes results until all pictures are done; false if `should_stop` ended it.
bool drain(engine::IngestExchange& exchange, engine::IngestWriter& writer, const IngestOptions& options,
           ProgressMeter& progress) {
  std::uint64_t num_done = 0;
  while (!exchange.finished()) {
    if (options.should_stop && options.should_stop()) return false;
    const std::optional<engine::TaskResult> task = exchange.take(kPollInterval);
    if (!task) continue;
    for (const engine::PictureResult& result : *task) {
      if (num_done > 0 && options.should_stop && options.should_stop()) return false;
      writer.apply(result);
      progress.update(++num_done, writer.num_failed());
    }
  }
  return true;
}

IngestReport run(Catalog& catalog, const Embedder& embedder, const IngestSource& source,
                 const IngestOptions& options) {
  IngestReport report;
  report.failures = source.failures;
  std::optional<engine::IngestPlan> plan = engine::plan_ingest(catalog, source, options.should_stop);
  if (!plan) {
    report.interrupted = true;
    return report;
  }
  report.num_unchanged = plan->num_unchanged;
  report.failures.insert(report.failures.end(), plan->failures.begin(), plan->failures.end());

  std::mutex catalog_mutex;
  engine::IngestWriter writer(catalog, catalog_mutex, source, *plan, options, report);
  writer.update_metadata_only_items();

  const std::size_t batch_size = std::max<std::size_t>(embedder.preferred_batch(), 1);
  const std::size_t task_size = (kMinTaskSize + batch_size - 1) / batch_size * batch_size;
  const std::size_t num_tasks = (plan->pictures.size() + task_size - 1) / task_size;
  const std::size_t num_cores =
      options.num_threads > 0 ? options.num_threads : std::thread::hardware_concurrency();
  const std::size_t num_threads = std::min(std::max<std::size_t>(num_cores, 1), num_tasks);
  ProgressMeter progress(options, *plan);
  {
    engine::IngestExchange exchange(num_tasks, kWindowPerWorker * num_threads);
    const engine::IngestShared shared{catalog,   catalog_mutex, embedder, source, *plan, options.max_pixels,
                                      task_size, batch_size,    exchange};
    engine::ContentRegister contents(shared);
    const WorkerPool workers(shared, contents, num_threads);
    report.interrupted = !drain(exchange, writer, options, progress);
  }
  if (!report.interrupted) writer.remove_vanished_items();
  writer.commit();
  progress.report();
  return report;
}

}  // namespace

IngestReport ingest(Catalog& catalog, const Embedder& embedder, const IngestSource& source,
                    const IngestOptions& options) {
  engine::check_model(catalog, embedder.info());
  try {
    return run(catalog, embedder, source, options);
  } catch (...) {
    const std::exception_ptr failure = std::current_exception();
    try {
      catalog.rollback();  // leave the last commit, not half a batch
    } catch (const Error&) {
      // The first failure is the one to report.
    }
    std::rethrow_exception(failure);
  }
}

}  // namespace vitrine

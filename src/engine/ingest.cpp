// SPDX-License-Identifier: MIT
#include "vitrine/ingest.h"

#include <mutex>
#include <optional>

#include "engine/ingest_plan.h"
#include "engine/ingest_worker.h"
#include "engine/ingest_writer.h"
#include "engine/model_check.h"
#include "engine/picture_pipeline.h"
#include "engine/rollback.h"

namespace vitrine {
namespace {

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

  const engine::PipelineShape shape =
      engine::pipeline_shape(plan->pictures.size(), embedder, options.num_threads);
  engine::ProgressMeter progress(options.on_progress, plan->pictures.size(), plan->num_unchanged);
  {
    engine::IngestExchange exchange(shape.num_tasks, shape.window);
    const engine::PictureSettings settings{embedder, options.max_pixels, shape.batch_size, std::nullopt,
                                           [&exchange] { return exchange.stopped(); }};
    const engine::IngestShared shared{catalog,  catalog_mutex,   source,  *plan,
                                      settings, shape.task_size, exchange};
    engine::ContentRegister contents(shared);
    const engine::WorkerPool workers(
        shape.num_threads, [&] { engine::run_ingest_worker(shared, contents); }, [&] { exchange.stop(); });
    std::uint64_t num_done = 0;
    report.interrupted =
        !engine::drain(exchange, options.should_stop, [&](const engine::PictureResult& result) {
          writer.apply(result);
          progress.update(++num_done, writer.num_failed());
        });
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
  return engine::or_rollback(catalog, [&] { return run(catalog, embedder, source, options); });
}

}  // namespace vitrine

// SPDX-License-Identifier: MIT
#include "vitrine/embed_pictures.h"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "engine/ordered_exchange.h"
#include "engine/picture_pipeline.h"
#include "engine/picture_task.h"

namespace vitrine {
namespace {

using Exchange = engine::OrderedExchange<std::vector<EmbeddedPicture>>;

std::vector<EmbeddedPicture> embed_task(const engine::PictureSettings& settings,
                                        std::span<const std::string> paths, std::size_t first) {
  std::vector<const std::string*> task_paths;
  for (const std::string& path : paths) task_paths.push_back(&path);
  engine::PictureTask task(settings, task_paths);
  task.read();
  task.embed([](std::size_t) { return true; });
  std::vector<EmbeddedPicture> results;
  for (engine::TaskPicture& picture : task.pictures())
    results.push_back({first + results.size(), std::move(picture.failure), picture.width_px,
                       picture.height_px, std::move(picture.embedding)});
  return results;
}

void run_worker(const engine::PictureSettings& settings, std::span<const std::string> paths,
                std::size_t task_size, Exchange& exchange) noexcept {
  try {
    while (const std::optional<std::size_t> task = exchange.claim()) {
      const std::size_t first = *task * task_size;
      std::vector<EmbeddedPicture> results =
          embed_task(settings, paths.subspan(first, std::min(task_size, paths.size() - first)), first);
      if (exchange.stopped()) return;
      exchange.deliver(*task, std::move(results));
    }
  } catch (...) {
    exchange.fail(std::current_exception());
  }
}

}  // namespace

bool embed_pictures(const Embedder& embedder, std::span<const std::string> paths,
                    const std::function<void(const EmbeddedPicture&)>& on_picture,
                    const EmbedPicturesOptions& options) {
  const engine::PipelineShape shape = engine::pipeline_shape(paths.size(), embedder, options.num_threads);
  Exchange exchange(shape.num_tasks, shape.window);
  const engine::PictureSettings settings{embedder, options.max_pixels, shape.batch_size, options.box_px,
                                         [&exchange] { return exchange.stopped(); }};
  engine::ProgressMeter progress(options.on_progress, paths.size(), 0);
  const engine::WorkerPool workers(
      shape.num_threads, [&] { run_worker(settings, paths, shape.task_size, exchange); },
      [&exchange] { exchange.stop(); });
  std::uint64_t num_done = 0;
  std::uint64_t num_failed = 0;
  const bool finished = engine::drain(exchange, options.should_stop, [&](const EmbeddedPicture& picture) {
    on_picture(picture);
    num_failed += picture.failure.empty() ? 0 : 1;
    progress.update(++num_done, num_failed);
  });
  progress.report();
  return finished;
}

}  // namespace vitrine

// SPDX-License-Identifier: MIT
#include "engine/picture_run.h"

#include <algorithm>
#include <exception>
#include <utility>
#include <vector>

#include "engine/ordered_exchange.h"
#include "engine/picture_pipeline.h"

namespace vitrine::engine {
namespace {

using Exchange = OrderedExchange<std::vector<TaskPicture>>;

std::vector<const std::string*> addresses_of(std::span<const std::string> paths) {
  std::vector<const std::string*> addresses;
  for (const std::string& path : paths) addresses.push_back(&path);
  return addresses;
}

/// Asks for all pictures of the task before any is embedded, so that the next task's turn comes soon.
bool ask_wanted(const PictureRun& run, std::size_t task, std::size_t first, PictureTask& pictures,
                std::vector<bool>& wanted, Exchange& exchange) {
  wanted.assign(pictures.pictures().size(), true);
  if (!run.wanted) return true;
  return exchange.in_turn(task, [&] {
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const TaskPicture& picture = pictures.pictures()[i];
      if (picture.state == TaskPicture::State::kRead) wanted[i] = run.wanted(first + i, picture.hash);
    }
  });
}

void run_worker(const PictureRun& run, const PictureSettings& settings, std::size_t task_size,
                Exchange& exchange) noexcept {
  try {
    while (const std::optional<std::size_t> task = exchange.claim()) {
      const std::size_t first = *task * task_size;
      PictureTask pictures(
          settings, addresses_of(run.paths.subspan(first, std::min(task_size, run.paths.size() - first))));
      pictures.read();
      std::vector<bool> wanted;
      if (!ask_wanted(run, *task, first, pictures, wanted, exchange)) return;
      pictures.embed([&](std::size_t i) { return wanted[i]; });
      if (exchange.stopped()) return;
      exchange.deliver(*task, std::move(pictures.pictures()));
    }
  } catch (...) {
    exchange.fail(std::current_exception());
  }
}

}  // namespace

bool run_pictures(const PictureRun& run, const std::function<void(std::size_t, TaskPicture&)>& on_picture) {
  const PipelineShape shape = pipeline_shape(run.paths.size(), run.embedder, run.num_threads);
  Exchange exchange(shape.num_tasks, shape.window);
  const PictureSettings settings{run.embedder, run.max_pixels, shape.batch_size, run.box_px,
                                 [&exchange] { return exchange.stopped(); }};
  const WorkerPool workers(
      shape.num_threads, [&] { run_worker(run, settings, shape.task_size, exchange); },
      [&exchange] { exchange.stop(); });
  std::size_t index = 0;
  return drain(exchange, run.should_stop, [&](TaskPicture picture) { on_picture(index++, picture); });
}

}  // namespace vitrine::engine

// SPDX-License-Identifier: MIT
#pragma once
/// Pictures from files to embeddings in several threads, results in order.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "engine/picture_task.h"
#include "vitrine/embedder.h"

namespace vitrine::engine {

struct PictureRun {
  const Embedder& embedder;
  std::span<const std::string> paths;
  std::uint64_t max_pixels = 0;
  unsigned num_threads = 0;             ///< 0: one per core
  std::optional<BoxPx> box_px{};        ///< see PictureSettings
  std::function<bool()> should_stop{};  ///< polled from the calling thread; may be empty
  /// Asked in the order of `paths`, never by two threads at a time, for every picture that could be read:
  /// whether it is to be embedded. Empty: all are.
  std::function<bool(std::size_t index, const ContentHash& hash)> wanted{};
};

/// Calls `on_picture` once for each path, in order, from the calling thread; pictures that are not wanted
/// come in state kRead. Memory is bounded by the pipeline's depth. False if `should_stop` ended it.
/// Exceptions of the callbacks, and those of the embedder that are no vitrine::Error, pass through.
bool run_pictures(const PictureRun& run,
                  const std::function<void(std::size_t index, TaskPicture& picture)>& on_picture);

}  // namespace vitrine::engine

// SPDX-License-Identifier: MIT
#pragma once
/// From picture files to embeddings, without a catalogue: for hosts that keep features elsewhere. Pictures go
/// through the pipeline that `ingest` uses.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>

#include "vitrine/embedder.h"
#include "vitrine/ingest.h"

namespace vitrine {

/// What became of one picture.
struct EmbeddedPicture {
  std::size_t index = 0;  ///< into the paths given
  std::string failure;    ///< why there is no embedding; empty if there is one
  int width_px = 0;       ///< upright size of the picture
  int height_px = 0;
  Embedding embedding;
};

struct EmbedPicturesOptions {
  /// Worker threads; 0: one per core.
  unsigned num_threads = 0;
  /// The part of every picture to describe, see Embedder::embed_boxes; unset: what the model finds, or the
  /// whole picture. A picture in which nothing of the box lies fails.
  std::optional<BoxPx> box_px{};
  /// Larger pictures fail.
  std::uint64_t max_pixels = 100'000'000;
  /// Called at most ten times a second, and at the end, from the calling thread.
  std::function<void(const IngestProgress&)> on_progress{};
  /// Polled between pictures, from the calling thread; true ends the run early.
  std::function<bool()> should_stop{};
};

/// Embeds the pictures in several threads and calls `on_picture` once for each, in order, from the calling
/// thread. Memory is bounded by the pipeline's depth, however many pictures there are. False if `should_stop`
/// ended it. Exceptions of the callbacks, and those of the embedder that are no vitrine::Error, end the run
/// and pass through.
bool embed_pictures(const Embedder& embedder, std::span<const std::string> paths,
                    const std::function<void(const EmbeddedPicture&)>& on_picture,
                    const EmbedPicturesOptions& options = {});

}  // namespace vitrine

// SPDX-License-Identifier: MIT
#pragma once
/// Some pictures on their way through one thread: read and hashed, then decoded and embedded in batches. What
/// is wrong with one picture is noted there and does not touch the others.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/file_reader.h"
#include "vitrine/embedder.h"
#include "vitrine/item.h"

namespace vitrine::engine {

/// How pictures are read and embedded; the same for all tasks of a run, which it outlives.
struct PictureSettings {
  const Embedder& embedder;
  std::uint64_t max_pixels = 0;
  std::size_t batch_size = 1;  ///< pictures that go through the network at a time
  /// The part of every picture to describe, see Embedder::embed_boxes; unset: what the embedder chooses.
  std::optional<BoxPx> box_px;
  std::function<bool()> stopped;  ///< asked between pictures; the rest then stays as it is
};

struct TaskPicture {
  enum class State {
    kWaiting,     ///< not read
    kUnreadable,  ///< `failure` says why; there is no hash
    kRead,        ///< facts and hash are set
    kBadContent,  ///< read, but not decoded or embedded; `failure` says why
    kEmbedded     ///< size and embedding are set
  };
  const std::string* path = nullptr;  ///< outlives the task
  State state = State::kWaiting;
  std::string failure;
  FileFacts facts;
  ContentHash hash;
  int width_px = 0;
  int height_px = 0;
  Embedding embedding;
};

class PictureTask {
 public:
  PictureTask(const PictureSettings& settings, const std::vector<const std::string*>& paths);

  /// Reads and hashes all pictures.
  void read();

  /// Decodes and embeds those that were read and for which `wanted(index)` holds.
  void embed(const std::function<bool(std::size_t)>& wanted);

  std::vector<TaskPicture>& pictures() { return pictures_; }

 private:
  void decode(std::size_t i);
  void embed_waiting();
  void embed_range(std::size_t begin, std::size_t end);

  const PictureSettings& settings_;
  std::vector<TaskPicture> pictures_;
  std::vector<std::vector<std::byte>> bytes_;  ///< of each picture's file; empty if not held
  std::vector<Image> images_;                  ///< waiting for the network
  std::vector<std::size_t> image_pictures_;    ///< which picture each of them is
};

}  // namespace vitrine::engine

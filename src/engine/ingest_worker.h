// SPDX-License-Identifier: MIT
#pragma once
/// The parallel part of a run: each worker takes some pictures through reading, hashing, decoding and
/// embedding in its own thread. That keeps every core in the network without handing pixels from thread to
/// thread.
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "engine/content_hasher.h"
#include "engine/ingest_plan.h"
#include "engine/ordered_exchange.h"
#include "engine/picture_task.h"
#include "vitrine/catalog.h"
#include "vitrine/ingest.h"

namespace vitrine::engine {

/// What became of one planned picture.
struct PictureResult {
  enum class Kind {
    kUnreadable,    ///< `failure` says why; there is no hash
    kBadContent,    ///< read, but not decoded or embedded; `failure` says why
    kSameContent,   ///< the item's own content under a new time or path
    kKnownContent,  ///< content of another item, or of an earlier picture of this run
    kEmbedded       ///< code, feature and size are set
  };
  std::size_t picture_index = 0;  ///< into IngestPlan::pictures
  Kind kind = Kind::kUnreadable;
  std::string failure;
  FileFacts facts;
  ContentHash hash;
  int width_px = 0;
  int height_px = 0;
  std::vector<std::byte> code{};
  std::vector<Half> feature{};
};

using TaskResult = std::vector<PictureResult>;
using IngestExchange = OrderedExchange<TaskResult>;

/// Everything the workers share; all of it outlives them.
struct IngestShared {
  const Catalog& catalog;
  std::mutex& catalog_mutex;  ///< held for every look at the catalogue while the writer is at work
  const IngestSource& source;
  const IngestPlan& plan;
  const PictureSettings& settings;
  std::size_t task_size = 0;  ///< pictures that a worker takes at a time
  IngestExchange& exchange;
};

/// Tells, for pictures asked about in source order, whether their content need not be embedded. Knowing is
/// decided by that order alone, never by how far the writer is, so every number of threads gives the same
/// catalogue.
class ContentRegister {
 public:
  explicit ContentRegister(const IngestShared& shared);
  bool is_known(const ContentHash& hash);
  /// Content that stays known, whoever asks next.
  void add(const ContentHash& hash) { seen_.insert(hash); }

 private:
  const IngestShared& shared_;
  std::unordered_set<ContentHash, ContentHasher> seen_;  ///< in this run
  std::unordered_set<ItemId> replaced_;  ///< items that the run may replace: no source to share from
};

/// Body of a worker thread: works until the exchange has no more tasks. Never throws.
void run_ingest_worker(const IngestShared& shared, ContentRegister& contents) noexcept;

}  // namespace vitrine::engine

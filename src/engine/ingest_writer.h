// SPDX-License-Identifier: MIT
#pragma once
/// The serial part of a run: applies the workers' results to the catalogue in source order, and commits now
/// and then.
#include <chrono>
#include <cstddef>
#include <mutex>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "engine/ingest_plan.h"
#include "engine/ingest_worker.h"
#include "vitrine/catalog.h"
#include "vitrine/ingest.h"

namespace vitrine::engine {

/// Used from one thread. Takes `catalog_mutex` around every use of the catalogue.
class IngestWriter {
 public:
  /// All arguments outlive the writer; `catalog` and `report` are changed.
  IngestWriter(Catalog& catalog, std::mutex& catalog_mutex, const IngestSource& source,
               const IngestPlan& plan, const IngestOptions& options, IngestReport& report);

  void update_metadata_only_items();
  void apply(const PictureResult& result);
  void remove_vanished_items();
  void commit();

  std::uint64_t num_failed() const { return num_failed_; }

 private:
  Item item_of(const IngestEntry& entry, const PictureResult& result) const;
  void apply_same_content(const IngestEntry& entry, ItemId existing, Item item);
  void apply_known_content(const PictureResult& result, Item item);
  void count_new(const PlannedPicture& picture);
  void fail(const PictureResult& result, const std::string& reason);
  void changed();
  void commit_locked();

  Catalog& catalog_;
  std::mutex& catalog_mutex_;
  const IngestSource& source_;
  const IngestPlan& plan_;
  const std::size_t commit_every_;
  IngestReport& report_;

  std::vector<ItemId> vanished_;  ///< to be removed at the end
  /// Vanished items by content: an unknown picture with the same bytes is one of them under a new name.
  std::unordered_multimap<ContentHash, ItemId, ContentHasher> vanished_by_content_;
  std::unordered_set<ItemId> removed_;  ///< vanished ones whose new name was found
  std::unordered_map<ContentHash, std::string, ContentHasher> bad_contents_;
  std::uint64_t num_failed_ = 0;
  std::size_t num_pending_ = 0;
  std::chrono::steady_clock::time_point last_commit_ = std::chrono::steady_clock::now();
};

}  // namespace vitrine::engine

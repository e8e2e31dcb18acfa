// SPDX-License-Identifier: MIT
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "common/catalog_upkeep.h"
#include "common/commit_log.h"
#include "common/folder_watch.h"
#include "common/index_target.h"
#include "vitrine/changes.h"
#include "vitrine/ingest.h"

namespace vitrine::tools {

struct FollowOptions {
  ProductRule product_rule = ProductRule::kFile;
  bool remove_vanished = true;
  /// Compare all of the folder so often, besides what the system tells; unset: never.
  std::optional<std::chrono::seconds> rescan_every{};
  unsigned num_threads = 0;
  std::uint64_t max_pixels = 100'000'000;
};

/// Keeps a catalogue like a folder that changes. A picture that cannot be read is tried again a few times
/// before it counts as failed: somebody may still be writing it.
class FolderFollower {
 public:
  /// `folder` is absolute. All arguments outlive the follower.
  FolderFollower(const std::filesystem::path& folder, IndexTarget& target, const FollowOptions& options,
                 CommitLog& log, CatalogUpkeep& upkeep);

  /// Follows what `watch` (null: none) tells, until an interruption. ErrorCode::kNotFound if the folder goes
  /// away; its items stay.
  void run(FolderWatch* watch);

 private:
  using Clock = std::chrono::steady_clock;
  struct Retry {
    int num_attempts = 0;
    Clock::time_point due;
  };

  void collect(FolderWatch* watch);
  void add_due_retries();
  void bring_up_to_date(const std::set<std::string>& places);
  /// Changes and the relative paths that they are about.
  struct Plan {
    std::vector<ItemChange> changes;
    std::vector<std::string> paths;
    std::vector<IngestFailure> failures;
  };
  Plan plan(const std::set<std::string>& places) const;
  void note_result(const ItemChange& change, const std::string& path, const std::string* failure,
                   std::vector<IngestFailure>& failures);
  void commit(const CommitCounts& counts, std::vector<IngestFailure> failures);
  void rescan();
  void learn_known();
  std::string relative_path(const std::string& path) const;

  std::filesystem::path folder_;
  IndexTarget& target_;
  FollowOptions options_;
  CommitLog& log_;
  CatalogUpkeep& upkeep_;
  std::map<std::string, ItemKey> known_;  ///< items of pictures below the folder, by relative path
  FolderEvents events_;
  std::map<std::string, Retry> retries_;  ///< pictures that failed, by relative path
  Clock::time_point last_rescan_ = Clock::now();
};

}  // namespace vitrine::tools

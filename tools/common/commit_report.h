// SPDX-License-Identifier: MIT
#pragma once
/// What vitrine-index prints while it follows a feed of changes or a folder: a line for each commit.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "vitrine/changes.h"
#include "vitrine/ingest.h"

namespace vitrine::tools {

/// What one commit, or several together, did.
struct CommitCounts {
  std::uint64_t num_added = 0;
  std::uint64_t num_modified = 0;
  std::uint64_t num_removed = 0;
  std::uint64_t num_unchanged = 0;
  std::uint64_t num_stale = 0;
  std::uint64_t num_failed = 0;

  CommitCounts& operator+=(const CommitCounts& other);
};

/// Without failures: what is one is for the caller to say.
CommitCounts counts_of(const ChangeReport& report);
CommitCounts counts_of(const IngestReport& report);

struct CommitReport {
  std::optional<std::size_t> last_line{};  ///< of the feed: what came up to it is durable, or was refused
  CommitCounts counts{};
  std::vector<IngestFailure> failures{};
  std::vector<IngestFailure> warnings{};  ///< of changes that were made
};

std::string commit_text(const CommitReport& report);
/// One line, schema "vitrine.commit/1" (docs/cli.md).
std::string commit_json(const CommitReport& report);

/// The end of a feed.
struct FeedSummary {
  std::filesystem::path folder;
  std::uint64_t num_items = 0;  ///< in the catalogue afterwards
  std::size_t num_records = 0;
  CommitCounts counts{};
  bool interrupted = false;
  double seconds = 0;
};

std::string feed_summary_text(const FeedSummary& summary);
/// One line, schema "vitrine.feed/1" (docs/cli.md).
std::string feed_summary_json(const FeedSummary& summary);

}  // namespace vitrine::tools

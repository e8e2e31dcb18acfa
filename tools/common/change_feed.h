// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>

#include "common/catalog_upkeep.h"
#include "common/commit_log.h"
#include "common/commit_report.h"
#include "common/index_target.h"
#include "common/line_stream.h"

namespace vitrine::tools {

struct FeedOptions {
  std::size_t commit_every = 2000;
  unsigned num_threads = 0;
  std::uint64_t max_pixels = 100'000'000;
};

/// Applies the records of a feed (vitrine/changes.h) as they come, to the end or until an interruption, and
/// tells `log` of each commit. A record is durable at most a second after it came, apart from the time that
/// pictures take. Records that cannot be applied become failures "feed.jsonl:17". Of the summary, the folder
/// and the number of items are left to the caller. Errors: those of the catalogue and of the
/// stream.
FeedSummary follow_feed(LineStream& stream, IndexTarget& target, const FeedOptions& options, CommitLog& log,
                        CatalogUpkeep& upkeep);

}  // namespace vitrine::tools

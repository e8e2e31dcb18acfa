// SPDX-License-Identifier: MIT
#include "common/change_feed.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <utility>
#include <vector>

#include "common/interruption.h"
#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

/// How long a record may wait for others to be committed with.
constexpr milliseconds kMaxWait{500};
/// How often an interruption is looked for.
constexpr milliseconds kPollInterval{100};
/// Pictures take so much longer than all else that they alone decide when the next commit is due.
constexpr std::size_t kMaxPictures = 256;

struct Batch {
  std::vector<ItemChange> changes;
  std::vector<std::size_t> lines;                            ///< of the changes
  std::vector<std::pair<std::size_t, std::string>> refused;  ///< line, reason
  std::size_t num_pictures = 0;
  std::size_t last_line = 0;

  std::size_t size() const { return changes.size() + refused.size(); }
};

class FeedReader {
 public:
  FeedReader(LineStream& stream, const FeedOptions& options)
      : options_(options),
        stream_(stream),
        folder_(stream.name() == "-" ? std::filesystem::current_path()
                                     : std::filesystem::absolute(stream.name()).parent_path()) {}

  bool at_end() const { return stream_.at_end(); }

  /// Records until it is time to commit; none if nothing came for a moment.
  Batch next() {
    Batch batch;
    Clock::time_point first;
    while (batch.size() < options_.commit_every && batch.num_pictures < kMaxPictures &&
           !interruption_requested()) {
      const std::optional<LineStream::Line> line = stream_.next(kPollInterval);
      if (line) {
        if (batch.size() == 0) first = Clock::now();
        add(batch, *line);
      } else if (stream_.at_end() || batch.size() == 0) {
        break;
      }
      if (Clock::now() - first >= kMaxWait) break;
    }
    return batch;
  }

 private:
  void add(Batch& batch, const LineStream::Line& line) const {
    batch.last_line = line.number;
    try {
      if (line.is_too_long) throw Error(ErrorCode::kCorrupt, "the line is longer than 1 MiB");
      ItemChange change = parse_change(line.text, folder_);
      if (!change.path.empty()) ++batch.num_pictures;
      batch.changes.push_back(std::move(change));
      batch.lines.push_back(line.number);
    } catch (const Error& error) {
      batch.refused.emplace_back(line.number, error.what());
    }
  }

  const FeedOptions& options_;
  LineStream& stream_;
  std::filesystem::path folder_;  ///< where relative paths start
};

std::vector<IngestFailure> at_lines(const std::vector<std::pair<std::size_t, std::string>>& findings,
                                    const std::string& source) {
  std::vector<IngestFailure> located;
  for (const auto& [line, reason] : findings)
    located.push_back({source + ":" + std::to_string(line), reason});
  return located;
}

// In the order of the lines.
std::vector<IngestFailure> failures_of(const Batch& batch, const ChangeReport& report,
                                       const std::string& source, std::size_t last_line) {
  std::vector<std::pair<std::size_t, std::string>> all;
  for (const auto& refused : batch.refused)
    if (refused.first <= last_line) all.push_back(refused);
  for (const ChangeFailure& failure : report.failures)
    all.emplace_back(batch.lines[failure.change_index], failure.reason);
  std::sort(all.begin(), all.end());
  return at_lines(all, source);
}

std::vector<IngestFailure> warnings_of(const Batch& batch, const ChangeReport& report,
                                       const std::string& source) {
  std::vector<std::pair<std::size_t, std::string>> all;
  for (const ChangeFailure& warning : report.warnings)
    all.emplace_back(batch.lines[warning.change_index], warning.reason);
  return at_lines(all, source);
}

// The line up to which everything is done with.
std::size_t last_line_done(const Batch& batch, const ChangeReport& report) {
  return report.num_done == batch.changes.size() ? batch.last_line : batch.lines[report.num_done] - 1;
}

}  // namespace

FeedSummary follow_feed(LineStream& stream, IndexTarget& target, const FeedOptions& options, CommitLog& log,
                        CatalogUpkeep& upkeep) {
  FeedSummary summary;
  FeedReader reader(stream, options);
  const auto start = Clock::now();
  const ChangeOptions change_options{.num_threads = options.num_threads,
                                     .max_pixels = options.max_pixels,
                                     .should_stop = interruption_requested};
  while (!reader.at_end() && !interruption_requested()) {
    const Batch batch = reader.next();
    if (interruption_requested()) break;
    if (batch.size() == 0) {
      upkeep.idle();
      continue;
    }
    const ChangeReport report =
        apply_changes(target.catalog, *target.embedder, batch.changes, change_options);
    const std::size_t last_line = last_line_done(batch, report);
    CommitReport commit{last_line, counts_of(report), failures_of(batch, report, stream.name(), last_line),
                        warnings_of(batch, report, stream.name())};
    summary.num_records += report.num_done + commit.failures.size() - report.failures.size();
    log.add(std::move(commit));
    upkeep.note_commit();
  }
  summary.counts = log.sum();
  summary.interrupted = interruption_requested();
  summary.seconds = std::chrono::duration<double>(Clock::now() - start).count();
  return summary;
}

}  // namespace vitrine::tools

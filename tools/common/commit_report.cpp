// SPDX-License-Identifier: MIT
#include "common/commit_report.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/failure_json.h"
#include "common/utf8.h"

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

std::string line_of(const Json& object) {
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void add_counts(Json& object, const CommitCounts& counts) {
  object["added"] = counts.num_added;
  object["modified"] = counts.num_modified;
  object["removed"] = counts.num_removed;
  object["unchanged"] = counts.num_unchanged;
  object["stale"] = counts.num_stale;
  object["failed"] = counts.num_failed;
}

std::string counts_text(const CommitCounts& counts) {
  std::string text = std::to_string(counts.num_added) + " added, " + std::to_string(counts.num_modified) +
                     " modified, " + std::to_string(counts.num_removed) + " removed, " +
                     std::to_string(counts.num_unchanged) + " unchanged, ";
  if (counts.num_stale > 0) text += std::to_string(counts.num_stale) + " stale, ";
  return text + std::to_string(counts.num_failed) + " failed\n";
}

double records_per_second(const FeedSummary& summary) {
  return summary.seconds > 0 ? static_cast<double>(summary.num_records) / summary.seconds : 0;
}

}  // namespace

CommitCounts& CommitCounts::operator+=(const CommitCounts& other) {
  num_added += other.num_added;
  num_modified += other.num_modified;
  num_removed += other.num_removed;
  num_unchanged += other.num_unchanged;
  num_stale += other.num_stale;
  num_failed += other.num_failed;
  return *this;
}

CommitCounts counts_of(const ChangeReport& report) {
  return {.num_added = report.num_added,
          .num_modified = report.num_modified,
          .num_removed = report.num_removed,
          .num_unchanged = report.num_unchanged,
          .num_stale = report.num_stale};
}

CommitCounts counts_of(const IngestReport& report) {
  return {.num_added = report.num_added,
          .num_modified = report.num_modified + report.num_renamed,
          .num_removed = report.num_removed,
          .num_unchanged = report.num_unchanged};
}

std::string commit_text(const CommitReport& report) {
  const std::string place = report.last_line ? "to line " + std::to_string(*report.last_line) + ": " : "";
  return place + counts_text(report.counts);
}

std::string commit_json(const CommitReport& report) {
  Json object = {{"schema", "vitrine.commit/1"}};
  if (report.last_line) object["line"] = *report.last_line;
  add_counts(object, report.counts);
  object["failures"] = failures_json(report.failures);
  if (!report.warnings.empty()) object["warnings"] = failures_json(report.warnings);
  return line_of(object);
}

std::string feed_summary_text(const FeedSummary& summary) {
  char times[96];
  std::snprintf(times, sizeof times, "  %zu records, %.1f s, %.1f records/s\n", summary.num_records,
                summary.seconds, records_per_second(summary));
  return without_controls(summary.folder.string()) + ": " + std::to_string(summary.num_items) +
         (summary.num_items == 1 ? " picture\n  " : " pictures\n  ") + counts_text(summary.counts) + times;
}

std::string feed_summary_json(const FeedSummary& summary) {
  Json object = {{"schema", "vitrine.feed/1"},
                 {"catalog", summary.folder.string()},
                 {"items", summary.num_items},
                 {"records", summary.num_records}};
  add_counts(object, summary.counts);
  object["interrupted"] = summary.interrupted;
  object["seconds"] = std::round(summary.seconds * 1e3) / 1e3;
  object["records_per_second"] = std::round(records_per_second(summary) * 10) / 10;
  return line_of(object);
}

}  // namespace vitrine::tools

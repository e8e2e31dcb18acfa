// SPDX-License-Identifier: MIT
#include "common/index_summary.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/failure_json.h"
#include "common/utf8.h"

namespace vitrine::tools {
namespace {

// Pictures the network looked at; unchanged and renamed ones cost next to nothing and would flatter the rate.
double pictures_per_second(const IndexSummary& summary) {
  const auto num_read = static_cast<double>(summary.report.num_added + summary.report.num_modified);
  return summary.seconds > 0 ? num_read / summary.seconds : 0;
}

}  // namespace

std::string index_summary_text(const IndexSummary& summary, const Style& style) {
  const IngestReport& report = summary.report;
  const std::string failed = std::to_string(report.failures.size()) + " failed";
  std::string text = style.bold(without_controls(summary.folder.string())) + ": " +
                     std::to_string(summary.num_items) +
                     (summary.num_items == 1 ? " picture\n" : " pictures\n");
  text += "  " + std::to_string(report.num_added) + " added, " + std::to_string(report.num_modified) +
          " modified, " + std::to_string(report.num_removed) + " removed, " +
          std::to_string(report.num_renamed) + " renamed, " + std::to_string(report.num_unchanged) +
          " unchanged, " + (report.failures.empty() ? failed : style.warning(failed)) + "\n";
  if (report.num_kept > 0)
    text += "  " + std::to_string(report.num_kept) +
            " no longer listed, but kept: lines that could not be read may name them\n";
  char times[96];
  std::snprintf(times, sizeof times, "  %.1f s, %.1f pictures/s\n", summary.seconds,
                pictures_per_second(summary));
  return text + style.dim(times);
}

std::string index_summary_json(const IndexSummary& summary, bool on_one_line) {
  using Json = nlohmann::ordered_json;
  const IngestReport& report = summary.report;
  const Json object = {
      {"schema", "vitrine.index/1"},
      {"catalog", summary.folder.string()},
      {"model", {{"name", summary.identity.model_name}, {"fingerprint", summary.identity.model_fingerprint}}},
      {"items", summary.num_items},
      {"added", report.num_added},
      {"modified", report.num_modified},
      {"removed", report.num_removed},
      {"renamed", report.num_renamed},
      {"unchanged", report.num_unchanged},
      {"kept", report.num_kept},
      {"failed", report.failures.size()},
      {"interrupted", report.interrupted},
      {"seconds", std::round(summary.seconds * 1e3) / 1e3},
      {"pictures_per_second", std::round(pictures_per_second(summary) * 10) / 10},
      {"failures", failures_json(report.failures)},
      {"warnings", failures_json(summary.warnings)}};
  return object.dump(on_one_line ? -1 : 2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vitrine::tools

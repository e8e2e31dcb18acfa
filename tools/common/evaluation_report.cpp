// SPDX-License-Identifier: MIT
#include "common/evaluation_report.h"

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

template <typename... Values>
std::string formatted(const char* format, Values... values) {
  char text[128];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

// In per cent, with the 95 % interval.
std::string share_text(const Share& share) {
  return formatted("%5.1f (%.1f-%.1f)", share.value * 100, share.low * 100, share.high * 100);
}

double rounded(double value) {
  return std::round(value * 1e6) / 1e6;
}

Json share_json(const Share& share) {
  return {{"value", rounded(share.value)}, {"low", rounded(share.low)}, {"high", rounded(share.high)}};
}

std::string recall_table(const EvaluationReport& report, const Style& style) {
  if (report.rankings.empty()) {
    return "";
  }
  std::string header = formatted("%-16s", "recall, %");
  for (const RecallAtK& recall : report.rankings.front().recalls) {
    header += formatted("%-20s", ("  @" + std::to_string(recall.k)).c_str());
  }
  std::string text = style.dim(header) + "\n";
  for (const RankingReport& ranking : report.rankings) {
    text += formatted("%-16s", ranking.name.c_str());
    for (const RecallAtK& recall : ranking.recalls) {
      text += formatted("%-20s", share_text(recall.recall).c_str());
    }
    text += "\n";
  }
  return text;
}

}  // namespace

std::string evaluation_text(const EvaluationReport& report, const Style& style) {
  std::string text = style.bold(formatted("%zu photos evaluated, %zu skipped", report.num_evaluated,
                                          report.skipped.size())) +
                     style.dim("  (in brackets: 95 % intervals)") + "\n\n" + recall_table(report, style);
  if (report.category_accuracy) {
    text += "\n" + formatted("%-16s", "category, %") + share_text(*report.category_accuracy) +
            formatted("  of %zu photos\n", report.num_with_category);
  }
  text += "\n" + style.dim(formatted("%-16s%8s%8s", "time, ms", "median", "95 %")) + "\n";
  for (const LatencyReport& latency : report.latencies) {
    text += formatted("%-16s%8.2f%8.2f\n", latency.stage.c_str(), latency.p50_ms, latency.p95_ms);
  }
  return text;
}

std::string evaluation_json(const EvaluationReport& report) {
  Json object = {{"schema", "vitrine.evaluation/1"},
                 {"evaluated", report.num_evaluated},
                 {"rankings", Json::array()},
                 {"category_accuracy", nullptr},
                 {"with_category", report.num_with_category},
                 {"latencies_ms", Json::object()},
                 {"interrupted", report.interrupted},
                 {"skipped", Json::array()}};
  for (const RankingReport& ranking : report.rankings) {
    Json recalls = Json::array();
    for (const RecallAtK& recall : ranking.recalls) {
      Json entry = {{"k", recall.k}};
      entry.update(share_json(recall.recall));
      recalls.push_back(entry);
    }
    object["rankings"].push_back({{"name", ranking.name}, {"recall", recalls}});
  }
  if (report.category_accuracy) {
    object["category_accuracy"] = share_json(*report.category_accuracy);
  }
  for (const LatencyReport& latency : report.latencies) {
    object["latencies_ms"][latency.stage] = {{"p50", rounded(latency.p50_ms)},
                                             {"p95", rounded(latency.p95_ms)}};
  }
  for (const IngestFailure& skipped : report.skipped) {
    object["skipped"].push_back({{"path", skipped.path}, {"reason", skipped.reason}});
  }
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "common/evaluation_report.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "common/number_text.h"

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

// In per cent, with the 95 % interval.
std::string share_text(const Share& share) {
  return formatted("%5.1f (%.1f-%.1f)", share.value * 100, share.low * 100, share.high * 100);
}

Json share_json(const Share& share) {
  return {{"value", rounded(share.value)}, {"low", rounded(share.low)}, {"high", rounded(share.high)}};
}

std::size_t largest_k(const EvaluationReport& report) {
  std::size_t k = 0;
  for (const RecallAtK& recall : report.rankings.front().recalls) k = std::max(k, recall.k);
  return k;
}

std::string recall_table(const EvaluationReport& report, const Style& style) {
  if (report.rankings.empty()) {
    return "";
  }
  std::string header = formatted("%-16s", "recall, %");
  for (const RecallAtK& recall : report.rankings.front().recalls) {
    header += formatted("%-20s", ("  @" + std::to_string(recall.k)).c_str());
  }
  header += formatted("  mAP @%zu", largest_k(report));
  std::string text = style.dim(header) + "\n";
  for (const RankingReport& ranking : report.rankings) {
    text += formatted("%-16s", ranking.name.c_str());
    for (const RecallAtK& recall : ranking.recalls) {
      text += formatted("%-20s", share_text(recall.recall).c_str());
    }
    text += share_text(ranking.mean_average_precision);
    text += "\n";
  }
  return text;
}

// What is predicted, and the two opinions that it comes from.
std::string category_table(const EvaluationReport& report, const Style& style) {
  const auto cell = [](const std::optional<Share>& share) {
    return formatted("%-20s", share ? share_text(*share).c_str() : "    -");
  };
  return "\n" +
         style.dim(formatted("%-16s%-20s%-20s%s", "category, %", "  model", "  search", "  predicted")) +
         "\n" + formatted("%-16s", "") + cell(report.model_category_accuracy) +
         cell(report.search_category_accuracy) + share_text(*report.category_accuracy) +
         formatted("  of %zu photos\n", report.num_with_category);
}

std::string boxes_text(const BoxReport& boxes) {
  return formatted("%-16s", "boxes, IoU, %") + share_text(boxes.mean_overlap) +
         formatted("  of %zu photos; above 0.5: %.1f %%, above 0.75: %.1f %%\n", boxes.num_photos,
                   boxes.above_half.value * 100, boxes.above_threequarters.value * 100);
}

}  // namespace

std::string evaluation_text(const EvaluationReport& report, const Style& style) {
  const std::string counts =
      style.bold(formatted("%zu photos evaluated, %zu skipped", report.num_evaluated, report.skipped.size()));
  // Figures of nothing would read as those of a catalogue that finds nothing.
  if (report.num_evaluated == 0) return counts + "\n";
  std::string text =
      counts + style.dim("  (in brackets: 95 % intervals)") + "\n\n" + recall_table(report, style);
  if (report.category_accuracy) text += category_table(report, style);
  text += "\n" + formatted("%-16s", "index, %") + share_text(report.linear_recall) +
          "  of the nearest codes are found\n";
  if (report.boxes) text += boxes_text(*report.boxes);
  text += "\n" + style.dim(formatted("%-16s%8s%8s%8s", "time, ms", "median", "95 %", "99 %")) + "\n";
  for (const LatencyReport& latency : report.latencies) {
    text += formatted("%-16s%8.2f%8.2f%8.2f\n", latency.stage.c_str(), latency.p50_ms, latency.p95_ms,
                      latency.p99_ms);
  }
  return text;
}

std::string comparison_text(const Comparison& comparison, const std::string& first, const std::string& second,
                            const Style& style) {
  if (comparison.num_photos == 0) return "\nno photo was evaluated with both catalogues\n";
  std::string text =
      "\n" + style.bold(second + " against " + first) +
      style.dim(formatted("  (%zu photos, in points, with 95 %% intervals)", comparison.num_photos)) + "\n" +
      style.dim(formatted("%-16s%-12s%8s%8s  %s", "", "", "first", "second", "difference")) + "\n";
  for (const FigureDifference& figure : comparison.differences) {
    text +=
        formatted("%-16s%-12s%8.1f%8.1f  %+.1f (%+.1f to %+.1f)", figure.ranking.c_str(),
                  figure.figure.c_str(), figure.first * 100, figure.second * 100,
                  figure.difference.value * 100, figure.difference.low * 100, figure.difference.high * 100);
    text += figure.is_certain() ? (figure.difference.value > 0 ? "  better\n" : "  worse\n") : "\n";
  }
  return text;
}

namespace {

Json one_evaluation_json(const EvaluationReport& report) {
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
    object["rankings"].push_back(
        {{"name", ranking.name}, {"recall", recalls}, {"map", share_json(ranking.mean_average_precision)}});
  }
  if (report.category_accuracy) object["category_accuracy"] = share_json(*report.category_accuracy);
  if (report.model_category_accuracy)
    object["model_category_accuracy"] = share_json(*report.model_category_accuracy);
  if (report.search_category_accuracy)
    object["search_category_accuracy"] = share_json(*report.search_category_accuracy);
  object["linear_recall"] = share_json(report.linear_recall);
  if (report.boxes) {
    object["boxes"] = {{"photos", report.boxes->num_photos},
                       {"mean_iou", share_json(report.boxes->mean_overlap)},
                       {"above_0.5", share_json(report.boxes->above_half)},
                       {"above_0.75", share_json(report.boxes->above_threequarters)}};
  }
  for (const LatencyReport& latency : report.latencies) {
    object["latencies_ms"][latency.stage] = {
        {"p50", rounded(latency.p50_ms)}, {"p95", rounded(latency.p95_ms)}, {"p99", rounded(latency.p99_ms)}};
  }
  for (const IngestFailure& skipped : report.skipped) {
    object["skipped"].push_back({{"path", skipped.path}, {"reason", skipped.reason}});
  }
  return object;
}

Json comparison_json(const Comparison& comparison) {
  Json differences = Json::array();
  for (const FigureDifference& figure : comparison.differences) {
    differences.push_back({{"ranking", figure.ranking},
                           {"figure", figure.figure},
                           {"first", rounded(figure.first)},
                           {"second", rounded(figure.second)},
                           {"difference", share_json(figure.difference)},
                           {"certain", figure.is_certain()}});
  }
  return {{"photos", comparison.num_photos}, {"differences", differences}};
}

}  // namespace

std::string evaluation_json(const EvaluationReport& report, const EvaluationReport* other,
                            const Comparison* comparison) {
  Json object = one_evaluation_json(report);
  if (other != nullptr) object["other"] = one_evaluation_json(*other);
  if (comparison != nullptr) object["comparison"] = comparison_json(*comparison);
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "common/catalog_report.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/utf8.h"

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMaxCategories = 10;

std::string formatted(const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  return buffer;
}

std::string megabytes(std::uint64_t bytes) {
  return formatted("%.1f MB", static_cast<double>(bytes) / 1e6);
}

std::string index_text(const std::optional<SearchIndexInfo>& index) {
  if (!index) return "search index  none; vitrine-index or optimize writes it\n";
  std::string text =
      "search index  " + megabytes(index->file_bytes) + ", " +
      (index->up_to_date ? "up to date\n" : "older than the catalogue: the rest is read from there\n");
  if (index->stats.calibrated.empty()) {
    return text + "              no lists: searches compare all " + std::to_string(index->stats.num_rows) +
           " codes\n";
  }
  text += "              " + std::to_string(index->stats.num_lists) +
          " lists; recall of the 60 nearest codes, measured on the index itself:\n";
  for (const auto& [target, achieved] : index->stats.calibrated) {
    text += "              " + formatted("target %.3f", target) + formatted("  achieved %.4f", achieved) +
            (achieved < target ? "  (such searches compare all codes)\n" : "\n");
  }
  return text;
}

Json index_json(const std::optional<SearchIndexInfo>& index) {
  if (!index) return nullptr;
  Json calibrated = Json::array();
  for (const auto& [target, achieved] : index->stats.calibrated) {
    calibrated.push_back({{"target_recall", target}, {"achieved_recall", achieved}});
  }
  return {{"up_to_date", index->up_to_date},
          {"bytes", index->file_bytes},
          {"rows", index->stats.num_rows},
          {"lists", index->stats.num_lists},
          {"calibrated", calibrated}};
}

std::string candidates_text(const CandidateCount& candidates, std::uint64_t num_items) {
  if (!candidates.fits(num_items)) {
    return "candidates    measured when there were " + std::to_string(candidates.num_items) +
           " items; optimize measures anew\n";
  }
  return "candidates    " + std::to_string(candidates.count) + " nearest codes have" +
         formatted(" %.1f %% of the ", candidates.share * 100) + std::to_string(candidates.num_neighbors) +
         " most alike items" + formatted(" (target %.1f %%)\n", candidates.target_share * 100);
}

Json candidates_json(const std::optional<CandidateCount>& candidates) {
  if (!candidates) return nullptr;
  return {{"count", candidates->count},         {"target_share", candidates->target_share},
          {"share", candidates->share},         {"neighbors", candidates->num_neighbors},
          {"queries", candidates->num_queries}, {"items", candidates->num_items}};
}

Json category_fit_json(const CategoryFitState& state) {
  if (!state.num_samples && state.remark.empty()) return nullptr;
  Json object = {{"samples", nullptr}, {"remark", state.remark}};
  if (state.num_samples) object["samples"] = *state.num_samples;
  return object;
}

std::string dumped(const Json& object) {
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string catalog_report_text(const CatalogReport& report) {
  const CatalogStats& stats = report.stats;
  std::string text = without_controls(report.folder) + "\n";
  text += "items         " + std::to_string(stats.num_items) + " in " + std::to_string(stats.num_rows) +
          " rows of " + std::to_string(stats.num_segments) + " segments, " + megabytes(stats.disk_bytes) +
          "\n";
  text += "model         " + without_controls(report.identity.model_name) + " (" +
          report.identity.model_fingerprint + "), " + std::to_string(report.identity.code_bits) +
          " bits, features of " + std::to_string(report.identity.feature_dim) + "\n";
  if (report.standby)
    text += "standby       " + without_controls(report.standby->model_name) + " (" +
            report.standby->model_fingerprint + ")\n";
  text += index_text(report.index);
  if (report.candidates) text += candidates_text(*report.candidates, stats.num_items);
  for (std::size_t i = 0; i < std::min(kMaxCategories, stats.categories.size()); ++i) {
    const auto& [name, count] = stats.categories[i];
    text += (i == 0 ? "categories    " : "              ") + std::to_string(count) + "  " +
            (name.empty() ? std::string("(none)") : without_controls(name)) + "\n";
  }
  if (stats.categories.size() > kMaxCategories) {
    text += "              and " + std::to_string(stats.categories.size() - kMaxCategories) +
            " more; --json lists all\n";
  }
  if (report.category_fit.num_samples)
    text += "predicted by  a fit on " + std::to_string(*report.category_fit.num_samples) + " pictures\n";
  if (!report.category_fit.remark.empty()) text += "              " + report.category_fit.remark + "\n";
  return text;
}

std::string catalog_report_json(const CatalogReport& report) {
  Json categories = Json::object();
  for (const auto& [name, count] : report.stats.categories) categories[name] = count;
  return dumped({{"schema", "vitrine.catalog/1"},
                 {"catalog", report.folder},
                 {"items", report.stats.num_items},
                 {"rows", report.stats.num_rows},
                 {"segments", report.stats.num_segments},
                 {"bytes", report.stats.disk_bytes},
                 {"model",
                  {{"name", report.identity.model_name},
                   {"fingerprint", report.identity.model_fingerprint},
                   {"code_bits", report.identity.code_bits},
                   {"feature_dim", report.identity.feature_dim}}},
                 {"standby_model", report.standby ? Json{{"name", report.standby->model_name},
                                                         {"fingerprint", report.standby->model_fingerprint}}
                                                  : Json()},
                 {"search_index", index_json(report.index)},
                 {"candidates", candidates_json(report.candidates)},
                 {"category_fit", category_fit_json(report.category_fit)},
                 {"categories", categories}});
}

std::string problems_text(const std::vector<CatalogProblem>& problems) {
  std::string text;
  for (const CatalogProblem& problem : problems) {
    text += without_controls(problem.file.string()) + ":" + std::to_string(problem.offset_bytes) + ": " +
            without_controls(problem.description) + "\n";
  }
  return problems.empty() ? "no damage found\n" : text;
}

std::string problems_json(const std::vector<CatalogProblem>& problems) {
  Json found = Json::array();
  for (const CatalogProblem& problem : problems) {
    found.push_back({{"file", problem.file.string()},
                     {"offset", problem.offset_bytes},
                     {"description", problem.description}});
  }
  return dumped({{"schema", "vitrine.verification/1"}, {"problems", found}});
}

std::string copy_report(const std::string& what, const std::string& folder, const CatalogStats& stats,
                        bool json) {
  if (json)
    return dumped({{"schema", "vitrine." + what + "/1"}, {"folder", folder}, {"items", stats.num_items}});
  return without_controls(folder) + ": " + what + " of " + std::to_string(stats.num_items) +
         (stats.num_items == 1 ? " picture\n" : " pictures\n");
}

}  // namespace vitrine::tools

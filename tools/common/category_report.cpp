// SPDX-License-Identifier: MIT
#include "common/category_report.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "common/number_text.h"
#include "common/utf8.h"

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f %%", 100 * share);
  return text;
}

std::string number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

// "2 categories are new since the fit (a, b)"
std::string named(const std::vector<std::string>& names, const std::string& one, const std::string& many) {
  constexpr std::size_t kNumNamed = 5;
  std::string text = std::to_string(names.size()) + (names.size() == 1 ? one : many) + " (";
  for (std::size_t i = 0; i < std::min(names.size(), kNumNamed); ++i)
    text += (i == 0 ? "" : ", ") + without_controls(names[i]);
  return text + (names.size() > kNumNamed ? ", ...)" : ")");
}

Json scores_json(const std::vector<CategoryScore>& scores) {
  Json list = Json::array();
  for (const CategoryScore& score : scores)
    list.push_back({{"name", score.name}, {"probability", rounded(score.probability)}});
  return list;
}

struct Column {
  const char* title;
  const std::vector<CategoryScore>& scores;

  std::string cell(std::size_t row) const {
    if (row >= scores.size()) return {};
    char text[16];
    std::snprintf(text, sizeof text, "%5.1f %%  ", 100 * scores[row].probability);
    return text + without_controls(scores[row].name);
  }
  std::size_t width() const {
    std::size_t widest = 0;
    for (std::size_t row = 0; row < scores.size(); ++row) widest = std::max(widest, display_width(cell(row)));
    return std::max<std::size_t>(widest, 18);
  }
};

}  // namespace

std::string category_fit_text(const CatalogCategoryFit& fit) {
  const CategoryFitReport& report = fit.report;
  const CategoryFusion& fusion = report.fusion;
  std::string text = "fitted on          " + std::to_string(report.num_used) + " pictures";
  if (report.num_unknown > 0)
    text += ", not on " + std::to_string(report.num_unknown) + " of unknown categories";
  text += "\nright              model " + percent(report.model_accuracy) + ", search " +
          percent(report.search_accuracy) + ", both fused " + percent(report.fused_accuracy) +
          "\ncalibration error  " + percent(report.calibration_error_before) + ", corrected " +
          percent(report.calibration_error_after) + "\nlambda             " + number(fusion.lambda) +
          "\nalpha              " + number(fusion.alpha);
  if (!fusion.category_alphas.empty())
    text += ", " + std::to_string(fusion.category_alphas.size()) + " categories have their own";
  return text + "\ntemperatures       model " + number(fusion.model_temperature) + ", fused " +
         number(fusion.fused_temperature) + "\n";
}

std::string category_fit_json(const CatalogCategoryFit& fit) {
  const CategoryFitReport& report = fit.report;
  const CategoryFusion& fusion = report.fusion;
  Json alphas = Json::object();
  for (const auto& [name, alpha] : fusion.category_alphas) alphas[name] = rounded(alpha);
  Json failures = Json::array();
  for (const IngestFailure& failure : fit.failures)
    failures.push_back({{"path", failure.path}, {"reason", failure.reason}});
  const Json object = {
      {"schema", "vitrine.category_fit/1"},
      {"samples", report.num_used},
      {"unknown", report.num_unknown},
      {"accuracy",
       {{"model", rounded(report.model_accuracy)},
        {"search", rounded(report.search_accuracy)},
        {"fused", rounded(report.fused_accuracy)}}},
      {"calibration_error",
       {{"before", rounded(report.calibration_error_before)},
        {"after", rounded(report.calibration_error_after)}}},
      {"neighbors", fusion.num_neighbors},
      {"lambda", rounded(fusion.lambda)},
      {"alpha", rounded(fusion.alpha)},
      {"category_alphas", alphas},
      {"temperatures",
       {{"model", rounded(fusion.model_temperature)}, {"fused", rounded(fusion.fused_temperature)}}},
      {"failures", failures}};
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string category_changes_text(const CategoryChanges& changes) {
  std::string text;
  if (!changes.added.empty())
    text = named(changes.added, " category is new since the fit", " categories are new since the fit");
  if (!changes.gone.empty()) {
    text +=
        (text.empty() ? "" : ", ") + named(changes.gone, " has no items any more", " have no items any more");
  }
  return text;
}

std::string classification_text(const std::string& photo, const Classification& classification) {
  const std::array<Column, 3> columns = {
      {{"model", classification.model}, {"search", classification.search}, {"fused", classification.fused}}};
  const auto line = [&](const auto& cell_of) {
    std::string text;
    for (const Column& column : columns) {
      const std::string cell = cell_of(column);
      text += cell + std::string(column.width() + 2 - std::min(column.width(), display_width(cell)), ' ');
    }
    text.erase(text.find_last_not_of(' ') + 1);
    return text + "\n";
  };
  std::size_t num_rows = 0;
  for (const Column& column : columns) num_rows = std::max(num_rows, column.scores.size());
  std::string text = without_controls(photo) + "\n";
  if (num_rows == 0) return text + "nothing is known about its category\n";
  text += line([](const Column& column) { return std::string(column.title); });
  for (std::size_t row = 0; row < num_rows; ++row)
    text += line([&](const Column& column) { return column.cell(row); });
  return text;
}

std::string classification_json(const std::string& photo, const Classification& classification) {
  Json object = {{"schema", "vitrine.classification/1"}, {"path", photo}, {"box", nullptr}};
  if (const auto& box = classification.box_px) object["box"] = {box->x0, box->y0, box->x1, box->y1};
  object["fitted"] = classification.is_fitted;
  object["model"] = scores_json(classification.model);
  object["search"] = scores_json(classification.search);
  object["fused"] = scores_json(classification.fused);
  return object.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vitrine::tools

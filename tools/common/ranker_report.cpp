// SPDX-License-Identifier: MIT
#include "common/ranker_report.h"

#include <nlohmann/json.hpp>

#include "common/failure_json.h"
#include "common/number_text.h"
#include "common/utf8.h"

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

// Positions of which the text tells how many look at them.
constexpr std::size_t kShownPositions[] = {1, 2, 5, 10, 20, 50, 100};

std::string examination_text(const RankerReport& report) {
  std::string positions = "position  ";
  std::string shares = "looked at ";
  for (const std::size_t position : kShownPositions) {
    if (position > report.examination.size()) break;
    positions += formatted("%6zu", position);
    shares += formatted("%4.0f %%", report.examination[position - 1] * 100);
  }
  return positions + "\n" + shares + "\n";
}

}  // namespace

std::string ranker_report_text(const TrainedRanker& trained, const Style& style) {
  const RankerReport& report = trained.report;
  std::string text =
      style.bold(formatted("%zu page views, %zu items shown, %zu %ss", report.num_views, report.num_items,
                           report.num_positives, std::string(to_string(report.target)).c_str())) +
      formatted("\n%zu page views held back; %zu shown items are not in the catalogue\n\n",
                report.num_held_back_views, report.num_unknown_items) +
      examination_text(report) + "\n" +
      formatted("%zu trees, ridge %g; on page views held back:\n", report.num_trees, report.ridge) +
      formatted("log loss %.4f (trees alone %.4f, mean rate %.4f)\n\n", report.loss, report.tree_loss,
                report.base_loss) +
      style.dim("feature                         adds to the log odds, on average") + "\n";
  for (const RankerReport::Importance& one : report.importances) {
    std::string name = without_controls(one.feature);
    constexpr std::size_t kNameWidth = 32;
    name.append(kNameWidth - std::min(kNameWidth, display_width(name)), ' ');
    text += name + formatted("%.3f\n", one.mean_contribution);
  }
  for (const UnusedColumn& column : report.unused)
    text += "not used: column '" + without_controls(column.name) + "' " + column.reason + "\n";
  for (const std::string& warning : report.warnings) text += without_controls(warning) + "\n";
  return text;
}

std::string ranker_report_json(const TrainedRanker& trained) {
  const RankerReport& report = trained.report;
  Json object = {{"schema", "vitrine.ranker/1"},
                 {"views", report.num_views},
                 {"items_shown", report.num_items},
                 {"target", to_string(report.target)},
                 {"positives", report.num_positives},
                 {"views_held_back", report.num_held_back_views},
                 {"unknown_items", report.num_unknown_items},
                 {"trees", report.num_trees},
                 {"ridge", report.ridge},
                 {"top_probability", rounded(trained.ranker.top_probability())},
                 {"held_back",
                  {{"base_loss", rounded(report.base_loss)},
                   {"tree_loss", rounded(report.tree_loss)},
                   {"loss", rounded(report.loss)}}},
                 {"examination", Json::array()},
                 {"features", Json::array()},
                 {"unused", Json::array()},
                 {"warnings", report.warnings},
                 {"failures", failures_json(report.failures)}};
  for (const double share : report.examination) object["examination"].push_back(rounded(share));
  for (const auto& [feature, mean] : report.importances)
    object["features"].push_back({{"name", feature}, {"mean_contribution", rounded(mean)}});
  for (const auto& [name, reason] : report.unused)
    object["unused"].push_back({{"name", name}, {"reason", reason}});
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vitrine::tools

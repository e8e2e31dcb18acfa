// SPDX-License-Identifier: MIT
#include "common/mining_summary.h"

#include <nlohmann/json.hpp>

#include "common/drop_reasons.h"
#include "common/number_text.h"
#include "common/utf8.h"

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

unsigned long long number(std::uint64_t value) {
  return value;
}

std::string purity_row(const char* name, const Purity& before, const Purity& after) {
  const auto share = [](const Purity& purity) {
    return purity.num_known == 0 ? std::string("     -")
                                 : formatted("%6.2f", 100.0 * static_cast<double>(purity.num_right) /
                                                          static_cast<double>(purity.num_known));
  };
  const double kept = before.num_known == 0 ? 0
                                            : 100.0 * static_cast<double>(after.num_known) /
                                                  static_cast<double>(before.num_known);
  return formatted("  %-14s%s before, %s after, %5.1f kept\n", name, share(before).c_str(),
                   share(after).c_str(), kept);
}

Json purity_json(const Purity& purity) {
  return {{"right", purity.num_right}, {"known", purity.num_known}};
}

Json histogram_json(const DistanceHistogram& histogram) {
  return {{"low", rounded(histogram.low)},
          {"bin_width", rounded(histogram.bin_width)},
          {"clicked", histogram.clicked},
          {"not_clicked", histogram.not_clicked}};
}

}  // namespace

std::string mining_text(const MiningReport& report, const Style& style) {
  std::string text = style.bold(formatted("%llu triplets", number(report.num_triplets))) +
                     formatted(" from %llu page views, %llu clicks: %llu clicks and %llu non-clicks kept\n",
                               number(report.num_views), number(report.num_clicks),
                               number(report.num_kept_clicks), number(report.num_kept_negatives));
  if (!report.weights.empty()) {
    text += formatted("  epsilon %.3f, gamma %.3f; distance:", report.epsilon, report.gamma);
    for (std::size_t i = 0; i < report.weights.size(); ++i)
      text += formatted("%s %.2f ", i == 0 ? "" : ",", report.weights[i]) + report.features[i];
    text += "\n";
  }
  if (report.clicks_before.num_known + report.negatives_before.num_known > 0) {
    text += "\n" + style.dim("right by the log's own truth, %") + "\n";
    text += purity_row("positives", report.clicks_before, report.clicks_after);
    text += purity_row("negatives", report.negatives_before, report.negatives_after);
  }
  text += dropped_text({report.num_dropped, report.num_clock_backwards}, style);
  for (const std::string& note : report.notes)
    text += style.warning("note: ") + without_controls(note) + "\n";
  return text;
}

std::string mining_json(const MiningReport& report) {
  Json weights = Json::array();
  for (std::size_t i = 0; i < report.weights.size(); ++i)
    weights.push_back({{"feature", report.features[i]}, {"weight", rounded(report.weights[i])}});
  Json positions = Json::array();
  for (const PositionFigures& position : report.positions)
    positions.push_back({{"shown", position.num_shown},
                         {"clicked", position.num_clicked},
                         {"examination", rounded(position.examination)}});
  const Json object = {{"schema", "vitrine.mining/1"},
                       {"triplets", report.num_triplets},
                       {"page_views", report.num_views},
                       {"clicks", report.num_clicks},
                       {"kept_clicks", report.num_kept_clicks},
                       {"kept_negatives", report.num_kept_negatives},
                       {"epsilon", rounded(report.epsilon)},
                       {"gamma", rounded(report.gamma)},
                       {"distance", weights},
                       {"clicks_before", purity_json(report.clicks_before)},
                       {"clicks_after", purity_json(report.clicks_after)},
                       {"negatives_before", purity_json(report.negatives_before)},
                       {"negatives_after", purity_json(report.negatives_after)},
                       {"dropped", dropped_json({report.num_dropped, report.num_clock_backwards})},
                       {"clock_backwards", report.num_clock_backwards},
                       {"to_query", histogram_json(report.to_query)},
                       {"to_nearest", histogram_json(report.to_nearest)},
                       {"positions", positions},
                       {"notes", report.notes}};
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace vitrine::tools

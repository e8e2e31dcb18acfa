// SPDX-License-Identifier: MIT
#include "common/grouping_summary.h"

#include <nlohmann/json.hpp>

#include "base/csv_field.h"
#include "common/drop_reasons.h"
#include "common/number_text.h"
#include "common/utf8.h"
#include "engine/text_attribute.h"

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

unsigned long long number(std::uint64_t value) {
  return value;
}

std::string share_row(const char* name, const Purity& purity) {
  return purity.num_known == 0 ? std::string()
                               : formatted("  %-40s%6.1f of %llu\n", name,
                                           100.0 * static_cast<double>(purity.num_right) /
                                               static_cast<double>(purity.num_known),
                                           number(purity.num_known));
}

Json purity_json(const Purity& purity) {
  return {{"right", purity.num_right}, {"known", purity.num_known}};
}

DroppedCounts dropped_of(const GroupingReport& report) {
  return {report.num_dropped, report.num_clock_backwards};
}

}  // namespace

std::string grouping_text(const ClickGroups& groups, const Style& style) {
  const GroupingReport& report = groups.report;
  std::string text = style.bold(formatted("%llu groups of %llu pictures", number(groups.groups.size()),
                                          number(report.num_pictures))) +
                     formatted(" from %llu page views: %llu clicks and %llu passes on %llu pairs\n",
                               number(report.num_views), number(report.num_clicked),
                               number(report.num_passed), number(report.num_pairs));
  if (!groups.groups.empty())
    text +=
        formatted("  largest %llu, median %llu pictures; %llu photos and products alone; ",
                  number(groups.groups.front().pictures.size()),
                  number(groups.groups[groups.groups.size() / 2].pictures.size()), number(report.num_alone)) +
        formatted("a pass weighs %.3g\n", report.pass_weight);
  if (report.clicked_pairs.num_known > 0)
    text += "\n" + style.dim("by the log's own truth, %") + "\n" +
            share_row("pairs clicked that are right", report.clicked_pairs) +
            share_row("pairs of one group that are right", report.grouped_pairs) +
            share_row("pairs of one product in one group", report.same_product_pairs);
  text += dropped_text(dropped_of(report), style);
  for (const std::string& note : report.notes)
    text += style.warning("note: ") + without_controls(note) + "\n";
  return text;
}

std::string grouping_json(const ClickGroups& groups) {
  const GroupingReport& report = groups.report;
  Json trials = Json::array();
  for (const PassWeightTrial& trial : report.trials)
    trials.push_back(
        {{"pass_weight", rounded(trial.pass_weight)}, {"log_likelihood", rounded(trial.log_likelihood)}});
  Json sizes = Json::array();
  for (const ClickGroup& group : groups.groups)
    sizes.push_back(
        {{"name", group.name}, {"products", group.products.size()}, {"pictures", group.pictures.size()}});
  const Json object = {{"schema", "vitrine.grouping/1"},
                       {"groups", sizes},
                       {"pictures", report.num_pictures},
                       {"alone", report.num_alone},
                       {"page_views", report.num_views},
                       {"clicks", report.num_clicked},
                       {"passes", report.num_passed},
                       {"pairs", report.num_pairs},
                       {"photo_share", rounded(report.photo_share)},
                       {"pass_weight", rounded(report.pass_weight)},
                       {"trials", trials},
                       {"clicked_pairs", purity_json(report.clicked_pairs)},
                       {"grouped_pairs", purity_json(report.grouped_pairs)},
                       {"same_product_pairs", purity_json(report.same_product_pairs)},
                       {"dropped", dropped_json(dropped_of(report))},
                       {"clock_backwards", report.num_clock_backwards},
                       {"notes", report.notes}};
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string grouping_csv(const ClickGroups& groups) {
  std::string text = "path,product,category,split,role\n";
  for (const ClickGroup& group : groups.groups)
    for (const GroupedPicture& picture : group.pictures) {
      const bool shop_picture = engine::text_attribute(picture.attributes_json, "role") == "shop";
      text += base::csv_field(picture.path.string()) + ',' + base::csv_field(group.name) + ',' +
              base::csv_field(picture.category) + (picture.held_out ? ",val," : ",train,") +
              (shop_picture ? "shop\n" : "photo\n");
    }
  return text;
}

}  // namespace vitrine::tools

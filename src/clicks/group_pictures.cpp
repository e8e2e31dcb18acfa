// SPDX-License-Identifier: MIT
#include <xxhash.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>

#include "clicks/held_out.h"
#include "clicks/item_table.h"
#include "clicks/last_examined.h"
#include "clicks/pass_weight.h"
#include "clicks/sighting_table.h"
#include "clicks/signed_graph.h"
#include "clicks/view_stream.h"
#include "vitrine/click_groups.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using clicks::ItemTable;
using clicks::LocatedView;
using clicks::PairSightings;

constexpr std::size_t kViewsBetweenReports = 256;
/// A group that holds more of all pictures than this is probably none.
constexpr double kSuspiciousShare = 0.25;

/// The nodes of the graph: first the catalogue's products, then photos that are no pictures of it.
class Nodes {
 public:
  explicit Nodes(const ItemTable& items) : items_of_product_(items.num_products()) {
    for (std::uint32_t row = 0; row < items.size(); ++row)
      items_of_product_[items.row(row).product_index].push_back(row);
    std::uint32_t row = 0;  // files come in the order of the table's rows, by id
    items.catalog().for_each_file([&](const FileState& file) {
      while (row < items.size() && items.row(row).id < file.id) ++row;
      if (row < items.size() && items.row(row).id == file.id)
        product_of_path_.emplace(normal(file.path), items.row(row).product_index);
    });
  }

  std::uint32_t num_products() const { return static_cast<std::uint32_t>(items_of_product_.size()); }
  std::size_t size() const { return items_of_product_.size() + photos_.size(); }
  bool is_product(std::uint32_t node) const { return node < num_products(); }

  /// Of a photo, by its absolute path.
  std::uint32_t of_photo(const std::string& path) {
    if (const auto product = product_of_path_.find(path); product != product_of_path_.end())
      return product->second;
    const auto [found, is_new] =
        node_of_photo_.emplace(path, static_cast<std::uint32_t>(num_products() + photos_.size()));
    if (is_new) photos_.push_back(&found->first);
    return found->second;
  }

  const std::string& photo(std::uint32_t node) const { return *photos_[node - num_products()]; }
  std::span<const std::uint32_t> items_of(std::uint32_t product) const { return items_of_product_[product]; }

 private:
  static std::string normal(const std::string& path) {
    return std::filesystem::path(path).lexically_normal().string();
  }

  std::vector<std::vector<std::uint32_t>> items_of_product_;
  std::unordered_map<std::string, std::uint32_t> product_of_path_;
  std::unordered_map<std::string, std::uint32_t> node_of_photo_;
  std::vector<const std::string*> photos_;  ///< keys of node_of_photo_
};

void count_truth(Purity& purity, bool right) {
  ++purity.num_known;
  purity.num_right += right ? 1 : 0;
}

class Grouper {
 public:
  Grouper(const Catalog& catalog, std::span<const std::filesystem::path> logs, const GroupingOptions& options,
          const GroupingCallbacks& callbacks)
      : logs_(logs),
        options_(options),
        callbacks_(callbacks),
        items_(catalog),
        nodes_(items_),
        table_(options.max_pairs) {}

  ClickGroups run() {
    if (!read() || !group()) result_.report.interrupted = true;
    return std::move(result_);
  }

 private:
  bool read() {
    clicks::ViewStream stream(logs_, options_.root, [this](const Dropped& dropped) { drop(dropped); });
    std::size_t num_read = 0;
    while (const std::optional<LocatedView> view = stream.next()) {
      const std::uint64_t photo_hash = XXH3_64bits(view->photo.data(), view->photo.size());
      if (table_.takes(photo_hash)) add(*view, photo_hash);
      if (++num_read % kViewsBetweenReports != 0) continue;
      const double share = static_cast<double>(stream.bytes_read()) /
                           static_cast<double>(std::max<std::uint64_t>(stream.size_bytes(), 1));
      const auto estimate = static_cast<std::uint64_t>(static_cast<double>(stream.num_views()) / share);
      if (!go_on("reading", stream.num_views(), std::max(estimate, stream.num_views()))) return false;
    }
    result_.report.num_views = stream.num_views();
    result_.report.num_clock_backwards = stream.num_clock_backwards();
    return true;
  }

  void add(const LocatedView& located, std::uint64_t photo_hash) {
    const PageView& view = located.view;
    const std::uint32_t photo = nodes_.of_photo(located.photo);
    const std::size_t last = clicks::last_examined(view, options_.examined_below_last_click);
    std::map<std::uint32_t, PairSightings> sightings;  // a page may show several pictures of a product
    for (std::size_t i = 0; i < view.items.size(); ++i) {
      const ShownItem& shown = view.items[i];
      const auto drop_item = [&](DropReason reason) {
        drop({reason, located.place, view.query, shown.item, {}, {}});
      };
      const std::span<const std::uint32_t> rows = items_.find(shown.item);
      if (rows.empty()) {
        drop_item(DropReason::kUnknownItem);
        continue;
      }
      const std::uint32_t product = items_.row(rows.front()).product_index;
      if (product == photo) {
        drop_item(DropReason::kQueryItself);
        continue;
      }
      if (i > last) {
        drop_item(DropReason::kNotExamined);
        continue;
      }
      PairSightings& sighting = sightings[product];
      sighting.num_clicked |= shown.clicked ? 1 : 0;
      if (shown.same_product) sighting.same_product = shown.same_product;
    }
    for (auto& [product, sighting] : sightings) {
      sighting.photo = photo;
      sighting.product = product;
      sighting.num_passed = 1 - sighting.num_clicked;
      table_.add(sighting, photo_hash);
    }
  }

  bool group() {
    if (!go_on("grouping", 0, 1)) return false;
    GroupingReport& report = result_.report;
    std::vector<PairSightings> pairs = table_.take();
    report.photo_share = table_.photo_share();
    // Photos of the catalogue were seen from both sides.
    for (PairSightings& pair : pairs)
      if (nodes_.is_product(pair.photo) && pair.product < pair.photo) std::swap(pair.photo, pair.product);
    clicks::merge_pairs(pairs);
    report.num_pairs = pairs.size();
    for (const PairSightings& pair : pairs) {
      report.num_clicked += pair.num_clicked;
      report.num_passed += pair.num_passed;
    }
    if (!choose_weight(pairs)) return false;
    const clicks::SignedGraph graph(nodes_.size(), clicks::signed_edges(pairs, report.pass_weight));
    const std::vector<std::uint32_t> group_of =
        clicks::find_communities(graph, options_.resolution, options_.seed);
    judge(pairs, group_of);
    collect(pairs, group_of);
    add_notes();
    return true;
  }

  bool choose_weight(std::span<const PairSightings> pairs) {
    GroupingReport& report = result_.report;
    if (options_.pass_weight) {
      report.pass_weight = *options_.pass_weight;
      return true;
    }
    bool stopped = false;
    const clicks::PassWeightChoice choice =
        clicks::choose_pass_weight(pairs, nodes_.size(), options_.resolution, options_.seed,
                                   [&](std::uint64_t num_done, std::uint64_t num_total) {
                                     stopped = !go_on("grouping", num_done, num_total);
                                     return !stopped;
                                   });
    report.pass_weight = choice.pass_weight;
    report.trials = choice.trials;
    if (choice.trials.empty() && report.num_pairs > 0)
      report.notes.emplace_back("the log is too short to tell what a pass says; its weight is a guess");
    return !stopped;
  }

  /// Compares with the truth, where the log has it.
  void judge(std::span<const PairSightings> pairs, std::span<const std::uint32_t> group_of) {
    GroupingReport& report = result_.report;
    for (const PairSightings& pair : pairs) {
      if (!pair.same_product) continue;
      const bool together = group_of[pair.photo] == group_of[pair.product];
      if (pair.num_clicked > 0) count_truth(report.clicked_pairs, *pair.same_product);
      if (together) count_truth(report.grouped_pairs, *pair.same_product);
      if (*pair.same_product) count_truth(report.same_product_pairs, together);
    }
  }

  void collect(std::span<const PairSightings> pairs, std::span<const std::uint32_t> group_of) {
    const std::size_t num_groups =
        group_of.empty() ? 0 : std::size_t{*std::max_element(group_of.begin(), group_of.end())} + 1;
    std::vector<std::vector<std::uint32_t>> members(num_groups);
    std::vector<bool> is_in_log(nodes_.size(), false);
    std::vector<std::uint64_t> num_clicks(nodes_.size(), 0);
    for (const PairSightings& pair : pairs) {
      is_in_log[pair.photo] = is_in_log[pair.product] = true;
      if (group_of[pair.photo] != group_of[pair.product]) continue;
      num_clicks[pair.photo] += pair.num_clicked;
      num_clicks[pair.product] += pair.num_clicked;
    }
    for (std::uint32_t node = 0; node < group_of.size(); ++node) members[group_of[node]].push_back(node);
    for (const std::vector<std::uint32_t>& group : members) {
      if (group.size() >= 2)
        result_.groups.push_back(click_group(group, num_clicks));
      else if (!group.empty() && is_in_log[group.front()])
        ++result_.report.num_alone;
    }
    std::stable_sort(
        result_.groups.begin(), result_.groups.end(),
        [](const ClickGroup& a, const ClickGroup& b) { return a.pictures.size() > b.pictures.size(); });
    for (const ClickGroup& group : result_.groups) result_.report.num_pictures += group.pictures.size();
  }

  /// `nodes` ascend, so products come first. There is one: photos have no edges among each other.
  ClickGroup click_group(std::span<const std::uint32_t> nodes,
                         std::span<const std::uint64_t> num_clicks) const {
    ClickGroup group;
    std::map<std::string, std::size_t> categories;
    std::uint32_t most_clicked = nodes.front();
    for (const std::uint32_t node : nodes) {
      if (!nodes_.is_product(node)) break;
      group.products.push_back(items_.product(node));
      if (num_clicks[node] > num_clicks[most_clicked]) most_clicked = node;
      for (const std::uint32_t row : nodes_.items_of(node)) {
        Item item = items_.item(row);
        if (!item.category.empty()) ++categories[item.category];
        group.pictures.push_back(
            {item.path, true, std::move(item.category), std::move(item.attributes_json)});
      }
    }
    group.name = items_.product(most_clicked);
    const auto commonest = std::max_element(categories.begin(), categories.end(),
                                            [](const auto& a, const auto& b) { return a.second < b.second; });
    for (const std::uint32_t node : nodes) {
      if (nodes_.is_product(node)) continue;
      const std::string& path = nodes_.photo(node);
      group.pictures.push_back({path, false, commonest == categories.end() ? "" : commonest->first, "{}",
                                clicks::is_held_out(path, options_.validation_share)});
    }
    return group;
  }

  void add_notes() {
    GroupingReport& report = result_.report;
    if (report.photo_share < 1)
      report.notes.push_back("the log has more pairs than can be remembered; " +
                             std::to_string(std::lround(100 * report.photo_share)) +
                             " % of the photos were used");
    if (result_.groups.size() > 1 && static_cast<double>(result_.groups.front().pictures.size()) >
                                         kSuspiciousShare * static_cast<double>(report.num_pictures))
      report.notes.push_back("the group '" + result_.groups.front().name +
                             "' holds more than a quarter of all pictures: look at it, and try a higher "
                             "resolution if it is more than one product");
  }

  void drop(const Dropped& dropped) {
    ++result_.report.num_dropped[static_cast<std::size_t>(dropped.reason)];
    if (callbacks_.on_dropped) callbacks_.on_dropped(dropped);
  }

  /// Tells how far it is, at most some ten times a second, and asks whether to stop.
  bool go_on(std::string_view stage, std::uint64_t num_done, std::uint64_t num_total) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_report_ >= std::chrono::milliseconds(100)) {
      last_report_ = now;
      if (callbacks_.on_progress) callbacks_.on_progress({stage, num_done, num_total});
    }
    return !callbacks_.should_stop || !callbacks_.should_stop();
  }

  const std::span<const std::filesystem::path> logs_;
  const GroupingOptions& options_;
  const GroupingCallbacks& callbacks_;
  const ItemTable items_;
  Nodes nodes_;
  clicks::SightingTable table_;
  std::chrono::steady_clock::time_point last_report_{};
  ClickGroups result_;
};

}  // namespace

void GroupingOptions::validate() const {
  const auto require = [](bool holds, const char* expectation) {
    if (!holds)
      throw Error(ErrorCode::kInvalidArgument, std::string("cannot group pictures: expected ") + expectation);
  };
  require(!pass_weight || (*pass_weight >= 0 && std::isfinite(*pass_weight)), "a pass_weight of at least 0");
  require(resolution > 0 && std::isfinite(resolution), "a resolution above 0");
  require(validation_share >= 0 && validation_share <= 0.9, "a validation_share from 0 to 0.9");
  require(max_pairs > 0, "max_pairs above 0");
}

ClickGroups group_pictures(const Catalog& catalog, std::span<const std::filesystem::path> logs,
                           const GroupingOptions& options, const GroupingCallbacks& callbacks) {
  options.validate();
  return Grouper(catalog, logs, options, callbacks).run();
}

}  // namespace vitrine

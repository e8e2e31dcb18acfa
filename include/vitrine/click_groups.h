// SPDX-License-Identifier: MIT
#pragma once
/// Labels from clicks: pictures that users' clicks say show the same product, though nobody ever named it.
///
/// A photo and the products clicked for it belong together, a photo and the products passed over do not, and
/// both are wrong often enough that no single pair can be trusted. All of them together can: photos and
/// products are the nodes of a graph, clicks pull two nodes together, passes push them apart, and groups are
/// its communities. The idea of identities found in clicks is that of Zhang et al., "Virtual ID Discovery
/// from E-commerce Media at Alibaba", CIKM 2019; docs/mining.md says how ours are found. No picture is looked
/// at, and no model is needed.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/clicks.h"

namespace vitrine {

struct GroupingOptions {
  /// Where relative paths of photos start; empty: the folder of the log.
  std::filesystem::path root{};
  /// How many items below the last click count as examined, too.
  std::size_t examined_below_last_click = 1;
  /// How strongly a pass pushes apart, where a click pulls with 1; at least 0. Unset: of several the one
  /// whose groups tell best which of a tenth of the sightings, kept aside, were clicks.
  std::optional<double> pass_weight{};
  /// Higher: more and smaller groups (Reichardt and Bornholdt 2006), above 0; 1 is plain modularity.
  /// A log of a few hundred clicks is best grouped with less than 1.
  double resolution = 2;
  /// Share of the photos marked as held out, 0 to 0.9, by a hash of their path alone.
  double validation_share = 0.1;
  /// Pairs of a photo and a product that are remembered, some 40 bytes each. Of a log with more an even
  /// sample of the photos is taken.
  std::size_t max_pairs = 50'000'000;
  std::uint64_t seed = 1;

  /// kInvalidArgument names the first field out of range.
  void validate() const;
};

struct GroupedPicture {
  std::filesystem::path path;
  bool from_catalog = false;           ///< false: a photo that somebody searched with
  std::string category{};              ///< the item's, or the commonest of the group's items for a photo
  std::string attributes_json = "{}";  ///< the item's
  bool held_out = false;               ///< to judge by, not to learn from; never a picture of the catalogue
};

/// At least two pictures, of at least two products or photos.
struct ClickGroup {
  std::string name;                   ///< its product with the most clicks; no two groups have the same
  std::vector<std::string> products;  ///< of the catalogue, in its order
  /// All pictures of these products, then photos in the order of the logs. A photo that is in the catalogue
  /// is there once.
  std::vector<GroupedPicture> pictures;
};

/// What groups made with one weight of a pass say about the sightings that were kept aside.
struct PassWeightTrial {
  double pass_weight = 0;
  double log_likelihood = 0;  ///< mean of a sighting, natural logarithm; higher is better
};

struct GroupingReport {
  std::uint64_t num_views = 0;
  std::uint64_t num_clock_backwards = 0;  ///< views earlier than the one before in their session; used
  std::array<std::uint64_t, kNumDropReasons> num_dropped{};
  std::uint64_t num_clicked = 0;  ///< sightings of a product beside a photo that ended in a click
  std::uint64_t num_passed = 0;   ///< and that did not
  std::uint64_t num_pairs = 0;    ///< different ones
  double photo_share = 1;         ///< below 1: the sample that max_pairs left room for
  double pass_weight = 0;
  std::vector<PassWeightTrial>
      trials;                      ///< by ascending weight; empty if it was given or the log is too short
  std::uint64_t num_alone = 0;     ///< photos and products of the log that are in no group
  std::uint64_t num_pictures = 0;  ///< in groups
  std::vector<std::string> notes;  ///< what the user should know
  /// Where the log tells the truth: pairs clicked at least once, and pairs of one group; right: same product.
  Purity clicked_pairs;
  Purity grouped_pairs;
  /// Pairs of the same product; right: in one group.
  Purity same_product_pairs;
  bool interrupted = false;
};

struct GroupingCallbacks {
  std::function<void(const Dropped&)> on_dropped{};
  std::function<void(const MiningProgress&)> on_progress{};  ///< stages "reading" and "grouping"
  std::function<bool()> should_stop{};                       ///< polled between page views and trials
};

struct ClickGroups {
  std::vector<ClickGroup> groups;  ///< largest first
  GroupingReport report;
};

/// Finds groups in logs. Equal arguments give equal groups. Cost: one pass over the logs, then about ten
/// times that of Louvain's method, linear in the pairs. Errors: those of reading a log, and kInvalidArgument
/// for options out of range. No group at all is no error: `report` says why.
ClickGroups group_pictures(const Catalog& catalog, std::span<const std::filesystem::path> logs,
                           const GroupingOptions& options = {}, const GroupingCallbacks& callbacks = {});

}  // namespace vitrine

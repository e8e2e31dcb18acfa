// SPDX-License-Identifier: MIT
#pragma once
/// From clicks to triplets (Visual Search at Alibaba, KDD 2018, section 4): a click says "this shows my
/// product", an item that was looked at and passed over says "this does not", and both are wrong often enough
/// to need a filter. docs/mining.md explains every step and its assumptions.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/click_log.h"
#include "vitrine/embedder.h"
#include "vitrine/triplets.h"

namespace vitrine {

/// Why something in the log became no part of a triplet. Views, then items.
enum class DropReason {
  kMalformedLine,    ///< the line is no page view or shown item
  kDuplicateView,    ///< session, time and query were seen before: logged twice, or its lines stand apart
  kNoClick,          ///< the page view has no click
  kUnreadableQuery,  ///< the photo is missing or damaged
  kNoPositive,       ///< no click of the page view was kept
  kUnknownItem,      ///< not in the catalogue
  kUnreadableItem,   ///< the item's picture is missing or damaged
  kQueryItself,      ///< the item's picture is the photo searched with
  kNotExamined,      ///< not clicked, but too far below the last click to have been looked at
  kClickTooFar,      ///< clicked, but farther than epsilon from the photo: another product
  kSameProduct,      ///< not clicked, but of the product of a kept click
  kTooNear,          ///< not clicked, but nearer than gamma to the photo or a kept click: same product
  kNoNegative        ///< a kept click without any item that tells it apart
};
inline constexpr std::size_t kNumDropReasons = 13;

/// The lower-case name of a reason, for example "click_too_far".
std::string_view to_string(DropReason reason);

struct Dropped {
  DropReason reason;
  std::string place;  ///< "log.csv:17", the first line of the page view
  std::string query;
  std::string item;                ///< empty: the whole view
  std::optional<double> distance;  ///< what was compared with epsilon or gamma
  std::string detail;              ///< of malformed lines and unreadable files
};

struct MiningOptions {
  /// A second opinion beside the catalogue's model, for example a pretrained backbone; may be null.
  const Embedder* second_embedder = nullptr;
  /// Where relative paths of photos start; empty: the folder of the log.
  std::filesystem::path root{};
  /// Largest distance of a kept click from the photo, and smallest distance of a kept non-click from photo
  /// and kept clicks. Distances are in standard deviations of random pairs, 0 being a random pair's mean.
  /// Unset: chosen from the data, which takes at least 50 clicks and 50 non-clicks.
  std::optional<double> epsilon{};
  std::optional<double> gamma{};
  /// Expected share of right items among kept clicks and kept non-clicks for which they are chosen; above 0
  /// and below 1. Higher is purer and keeps less.
  double positive_purity = 0.95;
  double negative_purity = 0.97;
  /// How many items below the last click count as examined, too.
  std::size_t examined_below_last_click = 1;
  /// A click where few look weighs 1 / (share of views in which that position is examined), up to this.
  double max_weight = 10;
  /// Page views with clicks from which everything is calibrated, drawn evenly from the whole log.
  std::size_t sample_views = 5000;
  /// Pictures whose features are kept in memory, about 1 to 6 kB each.
  std::size_t cached_pictures = 50'000;
  std::uint64_t seed = 1;
  unsigned num_threads = 0;  ///< 0: one per core
  std::uint64_t max_pixels = 100'000'000;

  /// kInvalidArgument names the first field out of range.
  void validate() const;
};

struct MiningProgress {
  std::string_view stage;  ///< "reading", "calibrating" or "filtering"
  std::uint64_t num_done = 0;
  std::uint64_t num_total = 0;  ///< page views; an estimate while reading
};

struct MiningCallbacks {
  std::function<void(const Triplet&)> on_triplet{};
  std::function<void(const Dropped&)> on_dropped{};
  std::function<void(const MiningProgress&)> on_progress{};
  std::function<bool()> should_stop{};  ///< polled between some hundred page views
};

/// How many of the items whose truth the log carries were right.
struct Purity {
  std::uint64_t num_right = 0;
  std::uint64_t num_known = 0;
};

struct DistanceHistogram {
  double low = 0;  ///< left edge of the first bin
  double bin_width = 0;
  std::vector<std::uint64_t> clicked;
  std::vector<std::uint64_t> not_clicked;  ///< examined ones
};

struct PositionFigures {
  std::uint64_t num_shown = 0;
  std::uint64_t num_clicked = 0;
  double examination = 1;  ///< estimated share of views that look here, relative to the first position
};

struct MiningReport {
  std::uint64_t num_views = 0;
  std::uint64_t num_clicks = 0;
  std::uint64_t num_clock_backwards = 0;  ///< views earlier than the one before in their session; kept
  std::array<std::uint64_t, kNumDropReasons> num_dropped{};
  std::uint64_t num_triplets = 0;
  std::uint64_t num_kept_clicks = 0;
  std::uint64_t num_kept_negatives = 0;
  double epsilon = 0;
  double gamma = 0;
  std::vector<std::string> features;  ///< names of the distances that were fused
  std::vector<double> weights;        ///< of the features, sum 1
  std::vector<std::string> notes;     ///< what the user should know: thresholds out of reach, a thin log ...
  DistanceHistogram to_query;         ///< of the sample: distance to the photo, with epsilon
  DistanceHistogram to_nearest;       ///< of the sample: to photo or nearest kept click, with gamma
  std::vector<PositionFigures> positions;    ///< first position first
  Purity clicks_before, clicks_after;        ///< right: same product
  Purity negatives_before, negatives_after;  ///< right: another product; before: all examined non-clicks
  bool interrupted = false;
};

/// Reads the logs twice: once to calibrate, once to filter. Memory is bounded by the catalogue's keys, the
/// sample and the cache, whatever the length of the logs. Triplets and drops come in the order of the logs;
/// equal arguments give equal ones, whatever the number of threads. ErrorCode::kInvalidArgument if `embedder`
/// is not the catalogue's model or if there is too little to choose a threshold from; the errors of reading a
/// log.
MiningReport mine_triplets(const Catalog& catalog, const Embedder& embedder,
                           std::span<const std::filesystem::path> logs, const MiningOptions& options,
                           const MiningCallbacks& callbacks);

}  // namespace vitrine

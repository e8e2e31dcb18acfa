// SPDX-License-Identifier: MIT
#pragma once
/// From click logs to a quality ranker (quality_ranker.h). docs/ranking.md explains the steps and their
/// assumptions. Component `ranker`; needs XGBoost.
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
#include "vitrine/embedder.h"
#include "vitrine/ingest.h"
#include "vitrine/quality_ranker.h"

namespace vitrine {

struct RankerProgress {
  std::string_view stage;  ///< "photos" or "trees"
  std::size_t num_done = 0;
  std::size_t num_total = 0;  ///< of trees: at most
};

struct TrainRankerOptions {
  /// What to learn; unset: purchases if the logs tell of any, or else clicks.
  std::optional<RankerTarget> target{};
  /// Numeric columns to learn from; empty: all that the catalogue has.
  std::vector<std::string> columns{};
  /// Where relative paths of photos start; empty: the folder of the log.
  std::filesystem::path root{};
  /// Of the page views, the last so many count.
  std::size_t max_views = 100'000;
  /// Share of the sessions that only judge: they end the growth of trees and make the report. Above 0, below
  /// 1.
  double held_back_share = 0.2;
  std::size_t max_trees = 200;  ///< 1 to 10,000
  std::size_t max_depth = 4;    ///< 1 to 16
  double learning_rate = 0.1;   ///< above 0, at most 1
  std::size_t patience = 15;    ///< trees that may come without lowering the held-back loss, at least 1
  std::uint64_t seed = 1;       ///< of the sessions held back and the samples each tree sees
  unsigned num_threads = 0;     ///< that look at photos; 0: one per core
  std::uint64_t max_pixels = 100'000'000;
  std::function<void(const RankerProgress&)> on_progress{};
  /// Polled between photos and trees; true ends the work with ErrorCode::kResource.
  std::function<bool()> should_stop{};

  /// kInvalidArgument names the first field out of range.
  void validate() const;
};

/// All figures but the counts are of held-back sessions.
struct RankerReport {
  std::size_t num_views = 0;
  RankerTarget target = RankerTarget::kClick;
  std::size_t num_positives = 0;  ///< clicks or purchases
  std::size_t num_items = 0;      ///< shown ones, each time counted
  std::size_t num_held_back_views = 0;
  std::size_t num_unknown_items = 0;  ///< shown ones that the catalogue does not have
  std::size_t num_trees = 0;
  double ridge = 0;  ///< of the regression: chosen
  /// Estimated share of views in which each position is looked at, the first being position 1.
  std::vector<double> examination;
  /// Mean of minus the log likelihood: of the mean rate, of the trees, of the regression on their
  /// leaves.
  double base_loss = 0;
  double tree_loss = 0;
  double loss = 0;
  struct Importance {
    std::string feature;
    double mean_contribution = 0;  ///< mean size of what it adds to the log odds
  };
  std::vector<Importance> importances;  ///< largest first
  std::vector<UnusedColumn> unused;
  std::vector<std::string> warnings;
  std::vector<IngestFailure> failures;  ///< malformed lines and unreadable photos
};

struct TrainedRanker {
  QualityRanker ranker;
  RankerReport report;
};

/// Learns from page views of all logs: an item that was clicked (or bought) is right, one that was not is
/// wrong as far as it was looked at. Equal arguments give equal rankers, whatever the number of threads.
/// Cost: an embedding a photo; memory: some 100 bytes a shown item. ErrorCode::kInvalidArgument: `embedder`
/// is not the catalogue's model, unknown columns, none that can be used, no click (or purchase) or nothing
/// but such, or too few sessions to hold some back; besides, the errors of reading a log.
TrainedRanker train_ranker(const Catalog& catalog, const Embedder& embedder,
                           std::span<const std::filesystem::path> logs,
                           const TrainRankerOptions& options = {});

}  // namespace vitrine

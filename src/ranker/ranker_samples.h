// SPDX-License-Identifier: MIT
#pragma once
/// From page views to what a ranker is fitted to.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "clicks/item_table.h"
#include "rank/ranker_tree.h"
#include "vitrine/quality_ranker.h"
#include "vitrine/train_ranker.h"

namespace vitrine::ranker {

/// An item on a page.
struct Shown {
  std::span<const std::uint32_t> rows;  ///< of the item table; several if the log names a product only
  std::size_t position = 1;
  bool clicked = false;
  bool bought = false;
};

struct View {
  std::uint32_t photo = 0;  ///< into ViewLog::photos
  bool is_held_back = false;
  std::vector<Shown> items;
};

struct ViewLog {
  std::vector<View> views;
  std::vector<std::string> photos;  ///< absolute paths
  bool has_purchases = false;
};

/// The last views of the logs; counts and failures go into the report.
ViewLog read_views(const clicks::ItemTable& items, std::span<const std::filesystem::path> logs,
                   const TrainRankerOptions& options, RankerReport& report);

/// What every item has in the columns that can be used.
class ItemColumns {
 public:
  ItemColumns(const clicks::ItemTable& items, std::span<const std::string> columns);
  const ColumnScales& scales() const { return scales_; }
  std::vector<std::optional<double>> of(std::uint32_t row) const;

 private:
  ColumnScales scales_;
  std::vector<std::vector<std::optional<double>>> values_;  // [columns][rows]
};

/// Samples in columns; those of one view stand together.
struct Samples {
  std::size_t num_features = 0;
  std::vector<float> features;  ///< `[samples, num_features]`
  std::vector<float> labels;
  std::vector<float> weights;
  std::vector<bool> clicked;
  std::vector<std::size_t> positions;
  std::vector<std::size_t> view_begins;  ///< and, at last, the number of samples

  std::size_t size() const { return labels.size(); }
  std::span<const float> row(std::size_t i) const { return view().row(i); }
  rank::LeafSamples view() const { return {features, num_features, labels, weights}; }
};

struct SplitSamples {
  Samples training;
  Samples held_back;
};

/// Embeds every photo once. Photos that cannot be read go into the report's failures, and their views are
/// left out. Labels are what the report's target says; weights are still 1.
SplitSamples make_samples(const clicks::ItemTable& items, const ItemColumns& columns,
                          const Embedder& embedder, const ViewLog& log, const TrainRankerOptions& options,
                          RankerReport& report);

/// How often users look at a position, and how often they click there; the first is position 1.
struct PositionShares {
  std::vector<double> examined;
  std::vector<double> clicked;

  std::size_t place_of(std::size_t position) const { return std::min(position, examined.size()) - 1; }
};

/// Weights against position bias: a clicked item was looked at; of one that was not clicked, the weight is
/// the probability that it was looked at nevertheless, (e - c) / (1 - c) where users look with probability e
/// and click with c.
void weigh(const PositionShares& shares, Samples& samples);

/// Clicks per showing at each position of the samples, the first being position 1.
std::vector<double> click_rates(const Samples& samples, std::size_t num_positions);

}  // namespace vitrine::ranker

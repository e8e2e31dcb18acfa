// SPDX-License-Identifier: MIT
#pragma once
/// What clicks have taught about hits: from how alike a hit is and from numeric columns of the catalogue to
/// the probability that a user who looks at it clicks, or buys. After Visual Search at Alibaba (KDD 2018),
/// section 7 of which re-ranks by gradient boosted trees and a logistic regression over features of [0, 1];
/// the trees' leaves are the regression's inputs (He et al., "Practical Lessons from Predicting Clicks on Ads
/// at Facebook", ADKDD 2014). docs/ranking.md has the equations. `train_ranker` (train_ranker.h) makes one;
/// using it needs neither XGBoost nor a catalogue. Immutable; calls may run concurrently.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine {

/// Brings a column to [0, 1] by where a value stands among those that were there at the time of the fit, so
/// that neither unit nor outliers matter.
struct ColumnScale {
  std::string name;
  /// Quantiles at equal steps of probability, ascending; at least 2, the first below the last.
  std::vector<double> quantiles;

  /// 0 to 1, linear between quantiles; beyond them 0 or 1. NaN for a missing value and for one that is not
  /// finite.
  double standing(std::optional<double> value) const;
};

/// Why a column is not used.
struct UnusedColumn {
  std::string name;
  std::string reason;
};

struct ColumnScales {
  std::vector<ColumnScale> scales;    ///< in the order of the columns
  std::vector<UnusedColumn> unused;   ///< constant, empty or without a finite number
  std::vector<std::string> warnings;  ///< columns with values that are not finite, which count as missing
};

/// Fits a scale to each column; `values` is `[columns][items]`.
ColumnScales fit_scales(std::span<const std::string> names,
                        std::span<const std::vector<std::optional<double>>> values);

/// A node of a decision tree. Node 0 is the root; children come behind their parent.
struct RankerNode {
  static constexpr std::int32_t kLeaf = -1;
  std::int32_t feature = kLeaf;  ///< what is asked; kLeaf: nothing
  float threshold = 0;
  std::uint32_t below = 0;     ///< where a value < threshold goes
  std::uint32_t at_least = 0;  ///< where all others go
  bool missing_below = false;  ///< where a missing value goes
  double value = 0;            ///< log odds; of an inner node the mean over what reached it in training
};
using RankerTree = std::vector<RankerNode>;

/// What a ranker predicts of a user who looks at a hit.
enum class RankerTarget : std::uint32_t { kClick = 0, kPurchase = 1 };
/// "click" or "purchase".
std::string_view to_string(RankerTarget target);

/// A hit, or an item of a page that users saw.
struct RankerInput {
  double cosine = 0;
  double code_distance = 0;                     ///< share of bits in which its code differs from the photo's
  std::vector<std::optional<double>> values{};  ///< of the columns
};

/// Trees ask for three visual features and, for each column, where its value stands in the catalogue and
/// where among the hits (standings() of quality_ranking.h): a price says little, one below those of the like
/// much.
inline constexpr std::size_t kNumVisualFeatures = 3;
/// "similarity", "distance from the best" (hit's cosine from the highest one) or "code distance", and then
/// the columns.
std::string ranker_source_name(std::size_t source, std::span<const ColumnScale> scales);

struct RankerJudgement {
  double probability = 0;  ///< that a user who looks at the hit does it, see RankerTarget
  double quality = 0;      ///< probability / top probability, at most 1
  /// What the visual features and the columns add to the log odds, `[3 + columns]`; with
  /// `QualityRanker::base_log_odds` they sum to the log odds. On the way to a leaf each question adds the
  /// difference of its nodes' values (Saabas 2014).
  std::vector<double> contributions;
  /// Where the columns' values stand among the hits, `[columns]`; unset for missing ones.
  std::vector<std::optional<double>> standings;
};

class QualityRanker {
 public:
  struct Parts {
    std::vector<ColumnScale> scales;
    std::vector<RankerTree> trees;
    double bias = 0;             ///< log odds besides those of the trees
    double top_probability = 1;  ///< what counts as quality 1; above 0, at most 1
    RankerTarget target = RankerTarget::kClick;
    std::uint64_t num_views = 0;
    std::uint64_t num_positives = 0;
  };
  /// kInvalidArgument for trees that are none, features out of range and numbers that are not finite.
  explicit QualityRanker(Parts parts);

  /// Judges all hits of a search. kInvalidArgument if one has another number of values than there are
  /// columns.
  std::vector<RankerJudgement> judge(std::span<const RankerInput> hits) const;

  const std::vector<ColumnScale>& scales() const { return parts_.scales; }
  std::size_t num_trees() const { return parts_.trees.size(); }
  double base_log_odds() const { return base_log_odds_; }
  double top_probability() const { return parts_.top_probability; }
  RankerTarget target() const { return parts_.target; }
  /// That it was trained with: page views, and clicks or purchases.
  std::uint64_t num_views() const { return parts_.num_views; }
  std::uint64_t num_positives() const { return parts_.num_positives; }

  /// Format: docs/format.md, "Quality ranker".
  std::vector<std::byte> to_bytes() const;
  /// kCorrupt, with the offset, for bytes that are cut short, changed or out of range; kUnsupported for a
  /// newer version.
  static QualityRanker from_bytes(std::span<const std::byte> bytes);

 private:
  Parts parts_;
  double base_log_odds_ = 0;
};

}  // namespace vitrine

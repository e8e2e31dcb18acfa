// SPDX-License-Identifier: MIT
#pragma once
/// Hits in an order that looks at their quality as well: sales, price, rating, whatever numbers the catalogue
/// has. After Visual Search at Alibaba (KDD 2018), which re-ranks the 60 most similar hits by such numbers
/// with learned weights. Here weights are set by hand, or a ranker that clicks have trained judges hits
/// (quality_ranker.h). Similarity keeps its say: see quality_order. Pure functions; may run concurrently.
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace vitrine {

struct QualityColumn {
  std::string name;
  double weight = 1;  ///< not 0; below 0: less is better
};

struct QualityRanking {
  std::vector<QualityColumn> columns{};
  /// How much similarity the best quality is worth against the worst, 0 to 1.
  double strength = 0.05;
  /// So many of the most similar hits are ranked; at least as many as are wanted.
  std::size_t num_ranked = 60;
  /// Quality is what the catalogue's trained ranker says (catalog_ranker.h); then `columns` must be empty.
  bool use_trained = false;

  /// kInvalidArgument names what is out of range: no column, or columns beside a trained ranker, a weight
  /// that is 0 or not finite, a strength.
  void validate() const;
};

/// Where each value stands among the others, 0 (lowest) to 1 (highest): (number of lower ones + half the
/// number of other equal ones) / (number of others), over those that are finite numbers. 0.5 for missing
/// values and for numbers that are not finite, and for all if fewer than two differ: a column like that says
/// nothing.
std::vector<double> standings(std::span<const std::optional<double>> values);

/// Weighted mean of a hit's standings `[columns]`, 1 - standing where the weight is below 0; 0 to 1.
double quality_of(std::span<const double> standings, std::span<const QualityColumn> columns);

/// The order of descending similarity + strength x quality, as indices; of equal ones the first comes first.
/// Since qualities lie between 0 and 1, a hit is overtaken only by hits whose similarity is at most
/// `strength` lower: one that leads by more keeps its place, whatever sells. Shapes: both `[n]`.
std::vector<std::size_t> quality_order(std::span<const double> similarities,
                                       std::span<const double> qualities, double strength);

}  // namespace vitrine

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
  /// How far a hit may fall: the nth by similarity comes at worst at place max_fall x n, whatever sells, so
  /// that a product that would be the first hit is among the first four. 1: quality changes nothing; 0: no
  /// such bound.
  std::size_t max_fall = 4;
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

/// An order by `similarities + strength x qualities`, highest first, as indices; of equal ones the first
/// comes first. Similarities must descend. Two bounds keep the most similar hits from being buried:
/// - since qualities lie between 0 and 1, no hit is overtaken by one whose similarity is more than `strength`
///   lower, whatever sells;
/// - the nth of `similarities` comes at worst at place `max_fall` x n, if need be before others of a higher
///   sum, but never before one that is more alike.
/// Shapes: both `[n]`. Cost: n log n.
std::vector<std::size_t> quality_order(std::span<const double> similarities,
                                       std::span<const double> qualities, const QualityRanking& ranking);

}  // namespace vitrine

// SPDX-License-Identifier: MIT
#pragma once
/// How many of the k nearest neighbours of a query a list holds on average, given how far the k-th is and how
/// far the list's centroid: a table of means over a sample of queries.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "index/stop_rule.h"

namespace vitrine::index {

class ListGain {
 public:
  explicit ListGain(std::size_t code_bits);

  /// Adds lists of one query: `num_lists` whose centroids are `centroid_distance` away and which hold
  /// `num_neighbors` of the k nearest rows together.
  void add(std::size_t kth_distance, std::size_t centroid_distance, std::size_t num_lists,
           std::size_t num_neighbors);
  /// Makes means of the sums, not increasing with the distance of the centroid.
  void finish();
  /// Visits the lists that hold at least `min_gain` neighbours on average. For ranges of the k-th distance
  /// that no query had, the margin is interpolated between the ranges around: a row within d bits of a query
  /// is, with its centroid at a distance a, about a + d (1 - 2 a / code_bits) from that, which is linear in
  /// d.
  StopRule rule(double min_gain) const;

 private:
  struct Cell {
    double num_lists = 0;
    double num_neighbors = 0;
    double mean = 0;
  };
  std::size_t column(std::size_t kth_distance, std::size_t centroid_distance) const;
  Cell& cell(std::size_t range, std::size_t column) { return cells_[range * num_columns_ + column]; }
  const Cell& cell(std::size_t range, std::size_t column) const {
    return cells_[range * num_columns_ + column];
  }
  void make_means(std::size_t range);

  std::size_t code_bits_;
  std::size_t column_width_;
  std::size_t num_columns_;  // of the difference of both distances, from -code_bits to code_bits
  std::vector<Cell> cells_;
  std::vector<bool> has_query_;  // by range
};

}  // namespace vitrine::index

// SPDX-License-Identifier: MIT
#include "index/list_gain.h"

#include <algorithm>
#include <cmath>
#include <optional>

namespace vitrine::index {
namespace {

constexpr std::size_t kColumnsPerLength = 128;
// What the neighbouring ranges of the k-th distance count for in a range: a sample is small.
constexpr double kNeighborWeight = 0.25;

}  // namespace

ListGain::ListGain(std::size_t code_bits)
    : code_bits_(code_bits),
      column_width_(std::max<std::size_t>(1, code_bits / kColumnsPerLength)),
      num_columns_(2 * code_bits / column_width_ + 1),
      cells_(StopRule::kNumRanges * num_columns_),
      has_query_(StopRule::kNumRanges) {}

std::size_t ListGain::column(std::size_t kth_distance, std::size_t centroid_distance) const {
  return (code_bits_ + centroid_distance - kth_distance) / column_width_;
}

void ListGain::add(std::size_t kth_distance, std::size_t centroid_distance, std::size_t num_lists,
                   std::size_t num_neighbors) {
  const std::size_t range = StopRule::range(kth_distance, code_bits_);
  Cell& found = cell(range, column(kth_distance, centroid_distance));
  found.num_lists += static_cast<double>(num_lists);
  found.num_neighbors += static_cast<double>(num_neighbors);
  has_query_[range] = true;
}

void ListGain::finish() {
  const std::vector<Cell> sums = cells_;
  for (std::size_t range = 0; range < StopRule::kNumRanges; ++range) {
    for (std::size_t c = 0; c < num_columns_; ++c) {
      for (const std::size_t other : {range - 1, range + 1}) {
        if (other >= StopRule::kNumRanges) continue;
        cell(range, c).num_lists += kNeighborWeight * sums[other * num_columns_ + c].num_lists;
        cell(range, c).num_neighbors += kNeighborWeight * sums[other * num_columns_ + c].num_neighbors;
      }
    }
    make_means(range);
  }
}

// Isotonic regression by pooling adjacent violators (Ayer et al., 1955).
void ListGain::make_means(std::size_t range) {
  struct Pool {
    double num_lists;
    double num_neighbors;
    std::size_t num_columns;
    double mean() const { return num_lists > 0 ? num_neighbors / num_lists : 0; }
  };
  std::vector<Pool> pools;
  for (std::size_t c = 0; c < num_columns_; ++c) {
    pools.push_back({cell(range, c).num_lists, cell(range, c).num_neighbors, 1});
    while (pools.size() > 1 && (pools[pools.size() - 2].num_lists <= 0 ||
                                pools[pools.size() - 2].mean() <= pools.back().mean())) {
      const Pool last = pools.back();
      pools.pop_back();
      pools.back().num_lists += last.num_lists;
      pools.back().num_neighbors += last.num_neighbors;
      pools.back().num_columns += last.num_columns;
    }
  }
  std::size_t c = 0;
  for (const Pool& pool : pools) {
    for (std::size_t i = 0; i < pool.num_columns; ++i) cell(range, c++).mean = pool.mean();
  }
}

StopRule ListGain::rule(double min_gain) const {
  StopRule made;
  made.code_bits = code_bits_;
  std::optional<std::size_t> last;  // range with a query
  for (std::size_t range = 0; range < StopRule::kNumRanges; ++range) {
    if (!has_query_[range]) continue;
    std::size_t columns = 0;
    while (columns < num_columns_ && cell(range, columns).mean >= min_gain) ++columns;
    made.margins[range] = static_cast<std::int16_t>(static_cast<int>(columns * column_width_) -
                                                    static_cast<int>(code_bits_) - 1);
    for (std::size_t between = last ? *last + 1 : 0; between < range; ++between) {
      const double share =
          last ? static_cast<double>(between - *last) / static_cast<double>(range - *last) : 1;
      const double from = made.margins[last.value_or(range)];
      made.margins[between] =
          static_cast<std::int16_t>(std::lround(from + share * (made.margins[range] - from)));
    }
    last = range;
  }
  for (std::size_t range = last ? *last + 1 : 0; range < StopRule::kNumRanges; ++range) {
    made.margins[range] = last ? made.margins[*last] : static_cast<std::int16_t>(code_bits_);
  }
  return made;
}

}  // namespace vitrine::index

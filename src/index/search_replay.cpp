// SPDX-License-Identifier: MIT
#include "index/search_replay.h"

#include <algorithm>
#include <tuple>

#include "index/kth_distance.h"

namespace vitrine::index {
namespace {

// Rows beyond the k nearest that take part: they are what a search holds before it has found the nearest.
std::size_t num_followed(std::size_t k) {
  return 4 * k + 64;
}

}  // namespace

SearchReplay::SearchReplay(std::span<const NearRow> rows, std::size_t k) : k_(std::min(k, rows.size())) {
  std::vector<std::uint16_t> distances;
  for (const NearRow& row : rows) distances.push_back(row.distance);
  const auto nth = [&](std::size_t n) {
    const auto place = distances.begin() + static_cast<std::ptrdiff_t>(n - 1);
    std::nth_element(distances.begin(), place, distances.end());
    return *place;
  };
  const std::uint16_t farthest = nth(std::min(num_followed(k_), rows.size()));
  kth_distance_ = nth(k_);

  std::vector<NearRow> followed;
  std::copy_if(rows.begin(), rows.end(), std::back_inserter(followed),
               [&](const NearRow& row) { return row.distance <= farthest; });
  std::sort(followed.begin(), followed.end(), [](const NearRow& left, const NearRow& right) {
    return std::tie(left.centroid_distance, left.list) < std::tie(right.centroid_distance, right.list);
  });
  KthDistance kth(k_, farthest);
  std::uint32_t num_good = 0;
  for (std::size_t i = 0; i < followed.size(); ++i) {
    if (followed[i].distance <= kth.limit()) kth.add(followed[i].distance);
    num_good += followed[i].distance <= kth_distance_ ? 1 : 0;
    if (i + 1 < followed.size() && followed[i + 1].list == followed[i].list) continue;
    steps_.push_back({followed[i].centroid_distance, kth.limit(),
                      std::min(num_good, static_cast<std::uint32_t>(k_)), kth.is_full()});
  }
}

double SearchReplay::recall(const StopRule& rule) const {
  const Step* last = nullptr;
  for (const Step& step : steps_) {
    const bool may_stop = last != nullptr && last->is_full;
    if (may_stop && step.centroid_distance > rule.max_distance(last->kth_distance)) break;
    last = &step;
  }
  return static_cast<double>(last->num_found) / static_cast<double>(k_);
}

}  // namespace vitrine::index

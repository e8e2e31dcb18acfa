// SPDX-License-Identifier: MIT
#pragma once
/// The paper's rule for one page view:
///
///     q+ in { clicked d : dist(d, q) <= epsilon }
///     q- in { d not clicked : min(dist(d, q), dist(d, d_click)) >= gamma }
///
/// where d_click is the nearest kept click. Ours: an item of a kept click's product is never its negative.
#include <optional>
#include <vector>

#include "clicks/fused_distance.h"
#include "clicks/view_comparer.h"

namespace vitrine::clicks {

struct FilterRule {
  FusedDistance distance;
  double epsilon = 0;
  double gamma = 0;
};

struct ItemVerdict {
  std::optional<DropReason> dropped;  ///< kClickTooFar, kSameProduct or kTooNear; unset: kept
  double distance = 0;                ///< what was compared with epsilon or gamma
};

/// One verdict for each item of the view. `view.items` must have their distances.
std::vector<ItemVerdict> judge(const ComparedView& view, const FilterRule& rule);

/// min(dist(d, q), dist(d, d_click)) of an item over those `clicks` (places in `view.clicks`) that are not
/// the item itself.
double nearest_distance(const ComparedView& view, std::size_t item, const std::vector<std::size_t>& clicks,
                        const FusedDistance& distance);

/// Places in `view.clicks` of the clicks within epsilon.
std::vector<std::size_t> kept_clicks(const ComparedView& view, const FusedDistance& distance, double epsilon);

}  // namespace vitrine::clicks

// SPDX-License-Identifier: MIT
#include "clicks/view_filter.h"

#include <algorithm>

namespace vitrine::clicks {

std::vector<std::size_t> kept_clicks(const ComparedView& view, const FusedDistance& distance,
                                     double epsilon) {
  std::vector<std::size_t> kept;
  for (std::size_t place = 0; place < view.clicks.size(); ++place)
    if (distance(PairKind::kPhotoItem, view.items[view.clicks[place]].to_photo) <= epsilon)
      kept.push_back(place);
  return kept;
}

double nearest_distance(const ComparedView& view, std::size_t item, const std::vector<std::size_t>& clicks,
                        const FusedDistance& distance) {
  const ComparedItem& compared = view.items[item];
  double nearest = distance(PairKind::kPhotoItem, compared.to_photo);
  for (const std::size_t place : clicks)
    if (view.clicks[place] != item)
      nearest = std::min(nearest, distance(PairKind::kItemItem, compared.to_clicks[place]));
  return nearest;
}

std::vector<ItemVerdict> judge(const ComparedView& view, const FilterRule& rule) {
  const std::vector<std::size_t> kept = kept_clicks(view, rule.distance, rule.epsilon);
  const auto is_product_of_kept_click = [&](const ComparedItem& item) {
    return std::any_of(kept.begin(), kept.end(), [&](std::size_t place) {
      return view.items[view.clicks[place]].product_index == item.product_index;
    });
  };
  std::vector<ItemVerdict> verdicts;
  for (std::size_t i = 0; i < view.items.size(); ++i) {
    const ComparedItem& item = view.items[i];
    ItemVerdict verdict;
    if (item.clicked) {
      verdict.distance = rule.distance(PairKind::kPhotoItem, item.to_photo);
      if (verdict.distance > rule.epsilon) verdict.dropped = DropReason::kClickTooFar;
    } else {
      verdict.distance = nearest_distance(view, i, kept, rule.distance);
      if (is_product_of_kept_click(item))
        verdict.dropped = DropReason::kSameProduct;
      else if (verdict.distance < rule.gamma)
        verdict.dropped = DropReason::kTooNear;
    }
    verdicts.push_back(verdict);
  }
  return verdicts;
}

}  // namespace vitrine::clicks

// SPDX-License-Identifier: MIT
#include "index/nearest_selection.h"

#include <algorithm>
#include <limits>

namespace vitrine::index {
namespace {

// Small buffers would be thinned too often.
constexpr std::size_t kMinCapacity = 256;

}  // namespace

bool nearer(const Neighbor& left, const Neighbor& right) {
  return left.distance != right.distance ? left.distance < right.distance : left.id < right.id;
}

NearestSelection::NearestSelection(const BlockStore& rows, std::size_t k, std::uint32_t max_distance)
    : rows_(&rows),
      k_(k),
      capacity_(k == 0 ? std::numeric_limits<std::size_t>::max() : std::max(kMinCapacity, 4 * k)),
      kth_(k, max_distance) {}

void NearestSelection::add(Slot slot, std::uint16_t distance) {
  candidates_.push_back({slot, distance});
  if (kth_.add(distance)) has_tie_bound_ = false;
  if (candidates_.size() >= capacity_) thin();
}

std::vector<Neighbor> NearestSelection::take() {
  std::erase_if(candidates_, [&](const Candidate& row) { return row.distance > limit(); });
  for (const Candidate& row : candidates_) __builtin_prefetch(rows_->id_address(row.slot));
  std::vector<Neighbor> found;
  found.reserve(candidates_.size());
  for (const Candidate& row : candidates_) found.push_back({rows_->id(row.slot), row.distance});
  if (k_ != 0 && found.size() > k_) {
    std::nth_element(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(k_), found.end(), nearer);
    found.resize(k_);
  }
  std::sort(found.begin(), found.end(), nearer);
  return found;
}

// Drops candidates beyond the limit and, if there are still many, all but the k nearest.
void NearestSelection::thin() {
  std::erase_if(candidates_, [&](const Candidate& row) { return row.distance > limit(); });
  if (candidates_.size() < capacity_ / 2) return;
  const auto first_tie = std::partition(candidates_.begin(), candidates_.end(),
                                        [&](const Candidate& row) { return row.distance < limit(); });
  // Fewer than k are nearer than the limit, or it would be lower.
  const std::size_t num_wanted = k_ - static_cast<std::size_t>(first_tie - candidates_.begin());
  if (static_cast<std::size_t>(candidates_.end() - first_tie) <= num_wanted) return;
  const auto last = first_tie + static_cast<std::ptrdiff_t>(num_wanted - 1);
  std::nth_element(first_tie, last, candidates_.end(), [&](const Candidate& left, const Candidate& right) {
    return rows_->id(left.slot) < rows_->id(right.slot);
  });
  has_tie_bound_ = true;
  tie_bound_ = rows_->id(last->slot);
  candidates_.erase(last + 1, candidates_.end());
  kth_.forget_ties();
}

}  // namespace vitrine::index

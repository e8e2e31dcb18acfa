// SPDX-License-Identifier: MIT
#include "index/nearest_selection.h"

#include <algorithm>
#include <limits>

namespace vitrine::index {
namespace {

// Small buffers would be halved too often.
constexpr std::size_t kMinCapacity = 32;

}  // namespace

bool nearer(const Neighbor& left, const Neighbor& right) {
  return left.distance != right.distance ? left.distance < right.distance : left.id < right.id;
}

NearestSelection::NearestSelection(std::size_t k, std::uint32_t max_distance)
    : k_(k),
      capacity_(k == 0 ? std::numeric_limits<std::size_t>::max() : std::max(kMinCapacity, 2 * k)),
      worst_{std::numeric_limits<RowId>::max(), max_distance} {}

void NearestSelection::add(const Neighbor& row) {
  kept_.push_back(row);
  if (kept_.size() == capacity_) halve();
}

std::vector<Neighbor> NearestSelection::take() {
  if (k_ != 0 && kept_.size() > k_) halve();
  std::sort(kept_.begin(), kept_.end(), nearer);
  return std::move(kept_);
}

void NearestSelection::halve() {
  const auto last = kept_.begin() + static_cast<std::ptrdiff_t>(k_ - 1);
  std::nth_element(kept_.begin(), last, kept_.end(), nearer);
  worst_ = *last;
  kept_.resize(k_);
}

}  // namespace vitrine::index

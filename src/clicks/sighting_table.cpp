// SPDX-License-Identifier: MIT
#include "clicks/sighting_table.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace vitrine::clicks {
namespace {

constexpr std::size_t kLeastRecent = 1 << 16;

bool before(const PairSightings& a, const PairSightings& b) {
  return std::tie(a.photo, a.product) < std::tie(b.photo, b.product);
}

/// Adds up neighbours that are equal pairs.
void unite_neighbours(std::vector<PairSightings>& pairs) {
  std::size_t end = 0;
  for (const PairSightings& pair : pairs) {
    if (end > 0 && !before(pairs[end - 1], pair)) {
      PairSightings& last = pairs[end - 1];
      last.num_clicked += pair.num_clicked;
      last.num_passed += pair.num_passed;
      if (!last.same_product) last.same_product = pair.same_product;
    } else {
      pairs[end++] = pair;
    }
  }
  pairs.resize(end);
}

}  // namespace

void merge_pairs(std::vector<PairSightings>& pairs) {
  std::stable_sort(pairs.begin(), pairs.end(), before);
  unite_neighbours(pairs);
}

void SightingTable::add(const PairSightings& sighting, std::uint64_t photo_hash) {
  if (hash_of_photo_.size() <= sighting.photo) hash_of_photo_.resize(sighting.photo + 1);
  hash_of_photo_[sighting.photo] = photo_hash;
  recent_.push_back(sighting);
  if (recent_.size() >= std::max(kLeastRecent, merged_.size() / 2)) merge();
}

void SightingTable::merge() {
  merge_pairs(recent_);
  std::vector<PairSightings> both(merged_.size() + recent_.size());
  std::merge(merged_.begin(), merged_.end(), recent_.begin(), recent_.end(), both.begin(), before);
  merged_ = std::move(both);
  unite_neighbours(merged_);
  recent_.clear();
  while (merged_.size() > max_pairs_ && last_hash_ > 0) halve();
}

void SightingTable::halve() {
  last_hash_ /= 2;
  std::erase_if(merged_, [&](const PairSightings& pair) { return !takes(hash_of_photo_[pair.photo]); });
}

std::vector<PairSightings> SightingTable::take() {
  merge();
  return std::exchange(merged_, {});
}

double SightingTable::photo_share() const {
  return static_cast<double>(last_hash_) / static_cast<double>(~std::uint64_t{0});
}

}  // namespace vitrine::clicks

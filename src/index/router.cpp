// SPDX-License-Identifier: MIT
#include "index/router.h"

#include <cmath>

#include "index/clustering.h"

namespace vitrine::index {
namespace {

// Fewer lists are one group.
constexpr std::size_t kMinGrouped = 128;
constexpr std::size_t kGroupsVisited = 4;

}  // namespace

Router::Router(const hamming::Kernel& kernel, std::size_t words)
    : kernel_(kernel), words_(words), group_centroids_(words) {}

void Router::add_to_group(std::size_t group, ListIndex list, const std::uint64_t* centroid) {
  groups_[group].centroids.push_back(centroid);
  groups_[group].lists.push_back(list);
  places_[list] = {static_cast<std::uint32_t>(group),
                   static_cast<std::uint32_t>(groups_[group].lists.size() - 1)};
}

void Router::add(ListIndex list, const std::uint64_t* centroid) {
  if (groups_.empty()) {
    groups_.push_back({VerticalCodes(words_), {}});
    group_centroids_.push_back(centroid);
  }
  std::uint64_t nearest = 0;
  if (groups_.size() > 1) group_centroids_.nearest(kernel_, centroid, 1, &nearest);
  add_to_group(static_cast<std::uint32_t>(nearest), list, centroid);
  if (places_.size() >= kMinGrouped && places_.size() >= 2 * size_when_grouped_) regroup();
}

void Router::remove(ListIndex list) {
  const Place place = places_.at(list);
  Group& group = groups_[place.group];
  group.centroids.remove(place.index);
  group.lists[place.index] = group.lists.back();
  places_[group.lists[place.index]].index = place.index;
  group.lists.pop_back();
  places_.erase(list);
}

void Router::regroup() {
  const std::vector<ListIndex> all = lists();
  std::vector<std::uint64_t> codes(all.size() * words_);
  for (std::size_t i = 0; i < all.size(); ++i) {
    const Place place = places_.at(all[i]);
    groups_[place.group].centroids.read(place.index, codes.data() + i * words_);
  }
  size_when_grouped_ = all.size();
  if (all.size() < kMinGrouped) return;
  const auto num_groups = static_cast<std::size_t>(std::lround(std::sqrt(static_cast<double>(all.size()))));
  const auto centroids = train_centroids(kernel_, codes, words_, {.num_centroids = num_groups});
  const auto assigned = assign_all(kernel_, codes, centroids, words_, 1);
  group_centroids_ = VerticalCodes(words_);
  groups_.clear();
  for (std::size_t i = 0; i < centroids.size(); i += words_) {
    group_centroids_.push_back(centroids.data() + i);
    groups_.push_back({VerticalCodes(words_), {}});
  }
  for (std::size_t i = 0; i < all.size(); ++i) add_to_group(assigned[i], all[i], codes.data() + i * words_);
}

ListIndex Router::nearest(const std::uint64_t* code) const {
  std::uint64_t best = ~std::uint64_t{0};
  ListIndex list = kNoList;
  const auto look_through = [&](const Group& group) {
    if (group.lists.empty()) return;
    std::uint64_t found;
    group.centroids.nearest(kernel_, code, 1, &found);
    if (found >> 32 >= best) return;
    best = found >> 32;
    list = group.lists[static_cast<std::uint32_t>(found)];
  };
  if (groups_.size() > 1) {
    for (const std::uint32_t group : group_centroids_.nearest(kernel_, code, kGroupsVisited)) {
      look_through(groups_[group]);
    }
  }
  // One group, or the nearest ones are empty.
  if (list == kNoList) {
    for (const Group& group : groups_) look_through(group);
  }
  return list;
}

std::vector<ListIndex> Router::lists() const {
  std::vector<ListIndex> all;
  all.reserve(places_.size());
  for (const Group& group : groups_) all.insert(all.end(), group.lists.begin(), group.lists.end());
  return all;
}

std::size_t Router::memory_bytes() const {
  // A node of the map holds the entry, the link to the next node and the allocator's own word.
  constexpr std::size_t kNodeBytes = sizeof(std::pair<const ListIndex, Place>) + 2 * sizeof(void*);
  std::size_t bytes = sizeof(*this) + group_centroids_.memory_bytes() + groups_.capacity() * sizeof(Group) +
                      places_.size() * kNodeBytes + places_.bucket_count() * sizeof(void*);
  for (const Group& group : groups_) {
    bytes += group.centroids.memory_bytes() + group.lists.capacity() * sizeof(ListIndex);
  }
  return bytes;
}

}  // namespace vitrine::index

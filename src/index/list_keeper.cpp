// SPDX-License-Identifier: MIT
#include "index/list_keeper.h"

#include <algorithm>
#include <cmath>

#include "index/clustering.h"
#include "vitrine/error.h"

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

// A list without a centroid is no larger, so that a change need not copy many masks.
constexpr std::size_t kMaxLooseRows = 8192;
// A list in more pieces than these, or than one for so many blocks, is slow to scan.
constexpr std::size_t kMaxExtents = 8;
constexpr std::size_t kBlocksPerExtent = 8;
// A list of more rows than so many times what training aims at is split.
constexpr std::size_t kSplitFactor = 3;
// Where the policy leaves it open: at least so many rows a list, and the square root of all by so many.
constexpr std::size_t kMinRowsPerList = 128;
constexpr std::size_t kRootsPerList = 8;
// Rows that may be missing before a list is stored anew, beside a quarter of them.
constexpr std::size_t kSpareRows = 2 * kRowsPerBlock;

}  // namespace

void ListKeeper::attach() {
  must_read_places_ = true;
  num_rows_ = rows_.size();
  for (std::size_t i = 0; i < rows_.lists().size() && !has_centroids_; ++i) {
    has_centroids_ = rows_.lists().has_centroid(static_cast<ListIndex>(i));
  }
}

void ListKeeper::prepare() {
  if (!must_read_places_) return;
  if (!rows_.finds_all()) {
    throw Error(
        ErrorCode::kCorrupt,
        "changing a Hamming index: the map of rows in the file that it was opened from names rows that "
        "are not there, or not all rows; make the index anew");
  }
  forget_places();
}

void ListKeeper::upsert(RowId id, const std::uint64_t* code, PartitionId partition) {
  const auto old = rows_.find(id);
  const ListIndex list = list_for(partition, code, old);
  if (old) {
    const ListIndex from = rows_.blocks().owner(*old / kRowsPerBlock);
    rows_.replace(*old, list, code);
    if (from != list) tidy_shrunk(from);
  } else {
    rows_.add(list, id, code);
    ++num_rows_;
  }
  tidy_grown(list);
}

bool ListKeeper::remove(RowId id) {
  const auto slot = rows_.find(id);
  if (!slot) return false;
  const ListIndex list = rows_.blocks().owner(*slot / kRowsPerBlock);
  rows_.remove(*slot);
  --num_rows_;
  tidy_shrunk(list);
  return true;
}

ListIndex ListKeeper::list_for(PartitionId partition, const std::uint64_t* code, std::optional<Slot> old) {
  const Partition& place = partitions_[partition];
  if (!is_bulk_ && place.router && place.router->size() != 0) return place.router->nearest(code);
  return loose_list(partition, old);
}

ListIndex ListKeeper::loose_list(PartitionId partition, std::optional<Slot> old) {
  std::vector<ListIndex>& loose = partitions_[partition].loose;
  const auto has_room = [&](ListIndex list) { return rows_.num_rows(list) < kMaxLooseRows; };
  if (old) {
    // The freed place of the row itself is the best one for what replaces it.
    const ListIndex list = rows_.blocks().owner(*old / kRowsPerBlock);
    const bool is_same = rows_.lists().partition(list) == partition && !rows_.lists().has_centroid(list);
    if (is_same && has_room(list)) return list;
  }
  if (loose.empty() || !has_room(loose.back())) {
    loose.reserve(loose.size() + 1);
    loose.push_back(rows_.create_list(partition, nullptr));
  }
  return loose.back();
}

void ListKeeper::tidy_grown(ListIndex list) {
  const ListVersion& newest = *rows_.newest(list);
  if (must_split(list)) {
    if (overfull_.empty() || overfull_.back() != list) overfull_.push_back(list);
    return;
  }
  if (newest.num_extents > std::max<std::size_t>(kMaxExtents, newest.num_blocks / kBlocksPerExtent)) {
    rows_.repack(list);
  }
}

// Comparing the centroids and the rows of the lists visited should cost about the same.
std::size_t ListKeeper::rows_per_list() const {
  if (policy_.rows_per_list != 0) return policy_.rows_per_list;
  const auto share = static_cast<std::size_t>(std::sqrt(static_cast<double>(num_rows_))) / kRootsPerList;
  return std::max(kMinRowsPerList, share);
}

bool ListKeeper::must_split(ListIndex list) const {
  const std::size_t num_rows = rows_.num_rows(list);
  if (!has_centroids_ || is_bulk_ || num_rows <= kSplitFactor * rows_per_list()) return false;
  const auto found = unsplittable_.find(list);
  return found == unsplittable_.end() || num_rows >= found->second;
}

void ListKeeper::split_overfull() {
  while (!overfull_.empty()) {
    const ListIndex list = overfull_.back();
    overfull_.pop_back();
    if (!must_split(list)) continue;
    split(list);
    rows_.commit();
  }
}

void ListKeeper::tidy_shrunk(ListIndex list) {
  const ListVersion& newest = *rows_.newest(list);
  if (newest.num_rows == 0) return drop(list);
  if (rows_.lists().has_centroid(list) && newest.num_rows < rows_per_list() / 8) {
    if (partitions_[rows_.lists().partition(list)].router->size() > 1) return merge(list);
  }
  const std::size_t num_places = newest.num_blocks * kRowsPerBlock;
  if (newest.num_rows + kSpareRows < num_places - num_places / 4) rows_.repack(list);
}

// Takes a list without rows out of everything.
void ListKeeper::drop(ListIndex list) {
  const auto found = partitions_.find(rows_.lists().partition(list));
  Partition& place = found->second;
  if (place.router && place.router->contains(list)) {
    place.router->remove(list);
  } else {
    std::erase(place.loose, list);
  }
  if (place.loose.empty() && (!place.router || place.router->size() == 0)) partitions_.erase(found);
  unsplittable_.erase(list);
  rows_.drop_list(list);
}

std::vector<std::uint64_t> ListKeeper::read_codes(std::span<const Slot> slots) const {
  const std::size_t words = rows_.blocks().words();
  std::vector<std::uint64_t> codes(slots.size() * words);
  for (std::size_t i = 0; i < slots.size(); ++i) rows_.blocks().read_code(slots[i], codes.data() + i * words);
  return codes;
}

// Lists for the centroids that have rows, with room for these; kNoList for the others.
std::vector<ListIndex> ListKeeper::create_lists(PartitionId partition,
                                                std::span<const std::uint64_t> centroids,
                                                std::span<const std::uint32_t> assigned, Router& router) {
  const std::size_t words = rows_.blocks().words();
  std::vector<std::size_t> counts(centroids.size() / words);
  for (const std::uint32_t centroid : assigned) ++counts[centroid];
  std::vector<ListIndex> lists(counts.size(), kNoList);
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    lists[i] = rows_.create_list(partition, centroids.data() + i * words);
    router.add(lists[i], centroids.data() + i * words);
    rows_.reserve(lists[i], counts[i]);
  }
  return lists;
}

void ListKeeper::split(ListIndex list) {
  const std::size_t words = rows_.blocks().words();
  const std::vector<Slot> slots = rows_.slots(list);
  const std::vector<std::uint64_t> codes = read_codes(slots);
  const std::size_t num_parts = std::max<std::size_t>(2, slots.size() / rows_per_list());
  const auto centroids = train_centroids(kernel_, codes, words,
                                         {.num_centroids = num_parts, .seed = policy_.seed + slots.front()});
  const auto assigned = assign_all(kernel_, codes, centroids, words, 1);
  if (std::all_of(assigned.begin(), assigned.end(), [&](auto part) { return part == assigned.front(); })) {
    unsplittable_[list] = 2 * slots.size();  // equal codes
    return;
  }
  const PartitionId partition = rows_.lists().partition(list);
  auto& router = partitions_[partition].router;
  if (!router) router = std::make_unique<Router>(kernel_, words);
  const auto parts = create_lists(partition, centroids, assigned, *router);
  for (std::size_t i = 0; i < slots.size(); ++i) rows_.move(slots[i], parts[assigned[i]]);
  drop(list);
}

void ListKeeper::merge(ListIndex list) {
  Router& router = *partitions_[rows_.lists().partition(list)].router;
  const std::size_t words = rows_.blocks().words();
  const std::vector<Slot> slots = rows_.slots(list);
  const std::vector<std::uint64_t> codes = read_codes(slots);
  router.remove(list);
  for (std::size_t i = 0; i < slots.size(); ++i)
    rows_.move(slots[i], router.nearest(codes.data() + i * words));
  unsplittable_.erase(list);
  rows_.drop_list(list);
}

void ListKeeper::forget_places() {
  partitions_.clear();
  unsplittable_.clear();
  overfull_.clear();
  num_rows_ = rows_.size();
  is_bulk_ = false;
  must_read_places_ = false;
  std::vector<std::uint64_t> centroid(rows_.blocks().words());
  for (std::size_t i = 0; i < rows_.lists().size(); ++i) {
    const auto list = static_cast<ListIndex>(i);
    if (rows_.num_rows(list) == 0) continue;
    Partition& place = partitions_[rows_.lists().partition(list)];
    if (!rows_.lists().has_centroid(list)) {
      place.loose.push_back(list);
      continue;
    }
    if (!place.router) place.router = std::make_unique<Router>(kernel_, rows_.blocks().words());
    rows_.lists().read_centroid(list, centroid.data());
    place.router->add(list, centroid.data());
  }
}

std::size_t ListKeeper::memory_bytes() const {
  std::size_t bytes = partitions_.bucket_count() * sizeof(void*);
  for (const auto& [partition, place] : partitions_) {
    bytes +=
        sizeof(partition) + sizeof(place) + 2 * sizeof(void*) + place.loose.capacity() * sizeof(ListIndex);
    if (place.router) bytes += place.router->memory_bytes();
  }
  return bytes;
}

}  // namespace vitrine::index

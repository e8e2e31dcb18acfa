// SPDX-License-Identifier: MIT
#include "index/list_table.h"

#include <algorithm>
#include <bit>
#include <new>

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;
using Segments = SegmentedArray<int>;  // for its arithmetic

constexpr std::align_val_t kAlignment{64};
constexpr std::size_t kBitsPerWord = 64;

}  // namespace

ListTable::~ListTable() {
  for (std::size_t list = 0; list < size(); ++list) {
    ListVersion::Delete()(newest(static_cast<ListIndex>(list)));  // RowLists reclaims older ones
  }
  for (auto& segment : centroids_) ::operator delete[](segment.load(), kAlignment);
}

ListIndex ListTable::create(PartitionId partition, const std::uint64_t* centroid) {
  const std::size_t size = size_.load(std::memory_order_relaxed);
  const auto list = unused_.empty() ? static_cast<ListIndex>(size) : unused_.back();
  if (unused_.empty()) {
    entries_.grow(size + 1);
    loose_.grow(size / kBitsPerWord + 1);
    routed_.grow(size / kBitsPerWord + 1);
    // So that release() cannot fail; twice as much, so that it is rarely necessary.
    if (unused_.capacity() <= size) unused_.reserve(2 * (size + 1));
    const std::size_t segment = Segments::segment_of(list);
    if (centroids_[segment].load(std::memory_order_relaxed) == nullptr) {
      const std::size_t num_words = (Segments::kFirstSegment << segment) * words_;
      centroids_[segment].store(new (kAlignment) std::uint64_t[num_words](), std::memory_order_release);
    }
  } else {
    unused_.pop_back();
  }
  entries_[list].partition.store(partition, std::memory_order_relaxed);
  set_bit(loose_, list, centroid == nullptr);
  set_bit(routed_, list, centroid != nullptr);
  if (centroid != nullptr) {
    std::uint64_t* address = centroid_address(list);
    for (std::size_t word = 0; word < words_; ++word) address[word * kRowsPerBlock] = centroid[word];
  }
  if (list == size) size_.store(size + 1, std::memory_order_release);
  return list;
}

void ListTable::release(ListIndex list) noexcept {
  set_bit(loose_, list, false);
  set_bit(routed_, list, false);
  unused_.push_back(list);
}

void ListTable::set_newest(ListIndex list, ListVersion* version) noexcept {
  entries_[list].newest.store(version, std::memory_order_release);
}

void ListTable::set_bit(const Bits& bits, ListIndex list, bool value) noexcept {
  std::atomic<std::uint64_t>& word = bits[list / kBitsPerWord];
  const std::uint64_t bit = std::uint64_t{1} << (list % kBitsPerWord);
  const std::uint64_t old = word.load(std::memory_order_relaxed);
  word.store(value ? old | bit : old & ~bit, std::memory_order_release);
}

void ListTable::append_loose(std::vector<ListIndex>& lists) const {
  const std::size_t num_lists = size();
  for (std::size_t first = 0; first < num_lists; first += kBitsPerWord) {
    std::uint64_t bits = loose_[first / kBitsPerWord].load(std::memory_order_relaxed);
    for (; bits != 0; bits &= bits - 1) {
      lists.push_back(static_cast<ListIndex>(first + static_cast<unsigned>(std::countr_zero(bits))));
    }
  }
}

void ListTable::append_centroids(std::vector<CentroidRun>& runs) const {
  const std::size_t num_lists = size();
  for (std::size_t segment = 0; Segments::first_of(segment) < num_lists; ++segment) {
    const std::size_t first = Segments::first_of(segment);
    const std::size_t count = std::min(Segments::kFirstSegment << segment, num_lists - first);
    runs.push_back({centroids_[segment].load(std::memory_order_acquire), static_cast<ListIndex>(first),
                    (count + kRowsPerBlock - 1) / kRowsPerBlock});
  }
}

void ListTable::read_centroid(ListIndex list, std::uint64_t* centroid) const {
  const std::uint64_t* address = centroid_address(list);
  for (std::size_t word = 0; word < words_; ++word) centroid[word] = address[word * kRowsPerBlock];
}

std::uint64_t* ListTable::centroid_address(ListIndex list) const {
  const std::size_t segment = Segments::segment_of(list);
  const std::size_t index = list - Segments::first_of(segment);
  return centroids_[segment].load(std::memory_order_acquire) +
         index / kRowsPerBlock * words_ * kRowsPerBlock + index % kRowsPerBlock;
}

std::size_t ListTable::memory_bytes() const {
  const std::size_t entry_bytes = sizeof(Entry) + words_ * sizeof(std::uint64_t);
  std::size_t bytes = entries_.capacity() * entry_bytes + 2 * loose_.capacity() * sizeof(std::uint64_t) +
                      unused_.capacity() * sizeof(ListIndex);
  for (std::size_t list = 0; list < size(); ++list) {
    if (const ListVersion* version = newest(static_cast<ListIndex>(list))) bytes += version->bytes();
  }
  return bytes;
}

}  // namespace vitrine::index

// SPDX-License-Identifier: MIT
#pragma once
/// Finds the list whose centroid is nearest to a code without comparing all centroids: these are in groups
/// with centroids of their own, and only the nearest groups are looked through. Approximate: about one code
/// in a hundred goes to a list a little farther away. Not synchronised; `nearest` may run in many threads.
#include <cstddef>
#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "index/block_store.h"
#include "index/vertical_codes.h"

namespace vitrine::index {

class Router {
 public:
  Router(const hamming::Kernel& kernel, std::size_t words);

  void add(ListIndex list, const std::uint64_t* centroid);
  void remove(ListIndex list);
  bool contains(ListIndex list) const { return places_.count(list) != 0; }
  std::size_t size() const { return places_.size(); }
  /// Forms the groups anew. Called by itself when the number of lists has doubled.
  void regroup();

  /// The list for a code; there must be one.
  ListIndex nearest(const std::uint64_t* code) const;
  std::vector<ListIndex> lists() const;

  std::size_t memory_bytes() const;

 private:
  struct Group {
    VerticalCodes centroids;
    std::vector<ListIndex> lists;
  };
  struct Place {
    std::uint32_t group;
    std::uint32_t index;
  };
  void add_to_group(std::size_t group, ListIndex list, const std::uint64_t* centroid);

  const hamming::Kernel& kernel_;
  std::size_t words_;
  VerticalCodes group_centroids_;
  std::vector<Group> groups_;
  std::unordered_map<ListIndex, Place> places_;
  std::size_t size_when_grouped_ = 0;
};

}  // namespace vitrine::index

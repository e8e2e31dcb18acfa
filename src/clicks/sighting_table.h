// SPDX-License-Identifier: MIT
#pragma once
/// How often each product was seen beside each photo, in bounded memory.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace vitrine::clicks {

/// A photo and a product that somebody looked at beside it.
struct PairSightings {
  std::uint32_t photo = 0;
  std::uint32_t product = 0;
  std::uint32_t num_clicked = 0;
  std::uint32_t num_passed = 0;
  std::optional<bool> same_product{};  ///< truth, where the log knows it
};

/// Sorted vectors rather than a hash table: 20 bytes a pair. Not thread-safe.
class SightingTable {
 public:
  /// Keeps at most about `max_pairs` pairs: when there are more, those of half of the photos go, and photos
  /// of that half are not taken any more.
  explicit SightingTable(std::size_t max_pairs) : max_pairs_(max_pairs) {}

  /// Whether photos with this hash are taken.
  bool takes(std::uint64_t photo_hash) const { return photo_hash <= last_hash_; }
  /// `photo_hash` is that of the pair's photo, one that is taken.
  void add(const PairSightings& sighting, std::uint64_t photo_hash);

  /// All pairs, each once, by photo and product. The table is empty then.
  std::vector<PairSightings> take();

  /// Share of the photos that are taken.
  double photo_share() const;

 private:
  void merge();
  void halve();

  std::size_t max_pairs_;
  std::uint64_t last_hash_ = ~std::uint64_t{0};
  std::vector<PairSightings> merged_;  ///< by photo and product
  std::vector<PairSightings> recent_;
  std::vector<std::uint64_t> hash_of_photo_;
};

/// Sorts by photo and product, and adds up the sightings of equal pairs.
void merge_pairs(std::vector<PairSightings>& pairs);

}  // namespace vitrine::clicks

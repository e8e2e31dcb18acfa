// SPDX-License-Identifier: MIT
#include "clicks/sighting_table.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

namespace vitrine::test {

using clicks::PairSightings;
using clicks::SightingTable;

namespace {

// Spread like the hash of a path.
std::uint64_t hash_of(std::uint32_t photo) {
  std::mt19937_64 random(photo);
  return random();
}

}  // namespace

TEST_CASE("sightings add up as in a map") {
  std::mt19937 random(1);
  SightingTable table(1'000'000);
  std::map<std::pair<std::uint32_t, std::uint32_t>, PairSightings> expected;
  for (int i = 0; i < 300'000; ++i) {  // several merges
    PairSightings one{static_cast<std::uint32_t>(random() % 500), static_cast<std::uint32_t>(random() % 300),
                      static_cast<std::uint32_t>(random() % 2), 0};
    one.num_passed = 1 - one.num_clicked;
    if (random() % 4 == 0) one.same_product = one.photo % 7 == one.product % 7;
    table.add(one, hash_of(one.photo));
    PairSightings& sum = expected[{one.photo, one.product}];
    sum.num_clicked += one.num_clicked;
    sum.num_passed += one.num_passed;
    if (one.same_product) sum.same_product = one.same_product;
  }
  CHECK(table.photo_share() == 1);
  const std::vector<PairSightings> pairs = table.take();
  REQUIRE(pairs.size() == expected.size());
  auto next = expected.begin();
  std::size_t num_wrong = 0;
  for (const PairSightings& pair : pairs) {
    const auto& [key, sum] = *next++;
    num_wrong += std::pair(pair.photo, pair.product) != key || pair.num_clicked != sum.num_clicked ||
                         pair.num_passed != sum.num_passed || pair.same_product != sum.same_product
                     ? 1
                     : 0;
  }
  CHECK(num_wrong == 0);
  CHECK(table.take().empty());
}

TEST_CASE("a full table goes on with half of the photos, each of them whole") {
  SightingTable table(20'000);
  constexpr std::uint32_t kPhotos = 20'000, kProducts = 10;
  for (std::uint32_t photo = 0; photo < kPhotos; ++photo)
    for (std::uint32_t product = 0; product < kProducts; ++product)
      if (table.takes(hash_of(photo))) table.add({photo, product, 1, 0}, hash_of(photo));
  const std::vector<PairSightings> pairs = table.take();
  CHECK(pairs.size() <= 20'000);
  CHECK(table.photo_share() == Approx(1.0 / 16));  // 200,000 pairs, halved until at most 20,000 are left
  CHECK(static_cast<double>(pairs.size()) == Approx(200'000.0 / 16).epsilon(0.1));
  std::map<std::uint32_t, std::uint32_t> products_of;
  for (const PairSightings& pair : pairs) {
    CHECK(table.takes(hash_of(pair.photo)));
    ++products_of[pair.photo];
  }
  for (const auto& [photo, count] : products_of) CHECK(count == kProducts);
}

}  // namespace vitrine::test

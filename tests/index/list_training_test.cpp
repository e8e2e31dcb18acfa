// SPDX-License-Identifier: MIT
// The parts of which lists are made: centroids, routing, permuted bits.
#include <bit>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "index/bit_permutation.h"
#include "index/clustering.h"
#include "index/reader_pins.h"
#include "index/router.h"

namespace vitrine::index {
namespace {

constexpr std::size_t kWords = 3;

std::vector<std::uint64_t> random_codes(std::size_t count, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> codes(count * kWords);
  for (std::uint64_t& word : codes) word = random();
  return codes;
}

unsigned distance(const std::uint64_t* left, const std::uint64_t* right) {
  int sum = 0;
  for (std::size_t word = 0; word < kWords; ++word) sum += std::popcount(left[word] ^ right[word]);
  return static_cast<unsigned>(sum);
}

}  // namespace

TEST_CASE("a centroid has each bit that most of its codes have") {
  for (const std::size_t count : {1, 2, 3, 10, 1001}) {
    const auto codes = random_codes(count, count);
    std::vector<std::uint64_t> centroid(kWords, 0x5555555555555555);
    update_centroids(codes, std::vector<std::uint32_t>(count, 0), kWords, centroid);
    for (std::size_t bit = 0; bit < kWords * 64; ++bit) {
      std::size_t ones = 0;
      for (std::size_t i = 0; i < count; ++i) ones += codes[i * kWords + bit / 64] >> (bit % 64) & 1;
      const bool expected = 2 * ones == count ? bit % 2 == 0 : 2 * ones > count;
      REQUIRE((centroid[bit / 64] >> (bit % 64) & 1) == (expected ? 1 : 0));
    }
  }
}

TEST_CASE("training finds the centres of well separated groups, whatever the number of threads") {
  const hamming::Kernel& kernel = hamming::select_kernel("");
  const auto centres = random_codes(6, 1);
  std::mt19937_64 random(2);
  std::vector<std::uint64_t> codes;
  for (std::size_t i = 0; i < 3000; ++i) {
    for (std::size_t word = 0; word < kWords; ++word) {
      codes.push_back(centres[i % 6 * kWords + word] ^ std::uint64_t{1} << (random() % 64));
    }
  }
  for (const std::size_t num_centroids : {30, 300}) {
    const auto trained = train_centroids(kernel, codes, kWords, {.num_centroids = num_centroids, .seed = 3});
    REQUIRE(trained.size() <= num_centroids * kWords);
    REQUIRE(trained == train_centroids(kernel, codes, kWords,
                                       {.num_centroids = num_centroids, .seed = 3, .num_threads = 3}));
    for (std::size_t centre = 0; centre < 6; ++centre) {
      unsigned nearest = ~0u;
      for (std::size_t i = 0; i < trained.size(); i += kWords) {
        nearest = std::min(nearest, distance(trained.data() + i, centres.data() + centre * kWords));
      }
      REQUIRE(nearest <= 6);
    }
  }
}

TEST_CASE("equal codes give one centroid") {
  const std::vector<std::uint64_t> codes(500 * kWords, 7);
  const auto trained = train_centroids(hamming::select_kernel(""), codes, kWords, {.num_centroids = 200});
  REQUIRE(trained == std::vector<std::uint64_t>(kWords, 7));
}

TEST_CASE("a router names a list that is nearest or hardly farther while lists come and go") {
  const hamming::Kernel& kernel = hamming::select_kernel("");
  Router router(kernel, kWords);
  const auto centroids = random_codes(2000, 4);
  std::set<ListIndex> lists;
  std::mt19937_64 random(5);
  std::size_t num_nearest = 0;
  constexpr std::size_t kRounds = 6000;
  for (std::size_t i = 0; i < kRounds; ++i) {
    const auto list = static_cast<ListIndex>(random() % 2000);
    if (!lists.contains(list)) {
      router.add(list, centroids.data() + list * kWords);
      lists.insert(list);
    } else if (lists.size() > 1) {
      router.remove(list);
      lists.erase(list);
    }
    REQUIRE(router.size() == lists.size());
    // A query near a centroid.
    const ListIndex near = *lists.lower_bound(std::min(list, *lists.rbegin()));
    std::vector<std::uint64_t> query(centroids.begin() + near * kWords,
                                     centroids.begin() + (near + 1) * kWords);
    query[0] ^= random() & random() & random();
    const ListIndex found = router.nearest(query.data());
    REQUIRE(lists.contains(found));
    num_nearest += found == near ? 1 : 0;
  }
  // Random centroids have no groups, which is the worst case.
  REQUIRE(num_nearest > kRounds / 2);
}

TEST_CASE("a permutation of bits is undone by its inverse and keeps distances") {
  for (const std::size_t bits : {384, 512, 4096}) {
    const BitPermutation permutation(bits, 128, 6);
    std::mt19937_64 random(7);
    std::vector<std::uint64_t> code(bits / 64);
    for (std::uint64_t& word : code) word = random();
    auto changed = code;
    permutation.apply(changed.data());
    REQUIRE(changed != code);
    int ones = 0;
    int changed_ones = 0;
    for (std::size_t word = 0; word < code.size(); ++word) {
      ones += std::popcount(code[word]);
      changed_ones += std::popcount(changed[word]);
    }
    REQUIRE(ones == changed_ones);
    permutation.invert(changed.data());
    REQUIRE(changed == code);
  }
}

TEST_CASE("the oldest version is that of the longest reader") {
  ReaderPins pins;
  REQUIRE(pins.oldest() == 1);
  pins.publish(2);
  {
    const auto first = pins.pin();
    pins.publish(3);
    const auto second = pins.pin();
    pins.publish(4);
    REQUIRE(first.version() == 2);
    REQUIRE(second.version() == 3);
    REQUIRE(pins.oldest() == 2);
  }
  REQUIRE(pins.oldest() == 4);
}

}  // namespace vitrine::index

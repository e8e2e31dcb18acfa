// SPDX-License-Identifier: MIT
#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/shop.h"
#include "vitrine/catalog_candidates.h"
#include "vitrine/engine.h"
#include "vitrine/error.h"

using namespace vitrine;
using test::FakeEmbedder;
using test::kFakeDim;

namespace {

/// Items whose codes are the signs of their features, but for a share of the bits, which is turned round.
class NoisyShop {
 public:
  NoisyShop(std::size_t num_items, double bit_noise) : catalog_(create()) {
    std::mt19937_64 random(3);
    std::normal_distribution<float> normal;
    std::uniform_real_distribution<double> uniform(0, 1);
    for (std::size_t i = 0; i < num_items; ++i) {
      Embedding made;
      float squares = 0;
      for (std::size_t d = 0; d < kFakeDim; ++d) {
        made.feature.push_back(normal(random));
        squares += made.feature.back() * made.feature.back();
      }
      made.code.resize(kFakeDim / 8);
      for (std::size_t d = 0; d < kFakeDim; ++d) {
        const bool bit = (made.feature[d] > 0) != (uniform(random) < bit_noise);
        if (bit) made.code[d / 8] |= std::byte{1} << (d % 8);
        made.feature[d] /= std::sqrt(squares);
      }
      Item item;
      item.key = {"product", std::to_string(i)};
      catalog_.upsert(item, made.code, to_half(made.feature));
      items_.push_back(std::move(made));
    }
    catalog_.commit();
  }

  Catalog& catalog() { return catalog_; }
  const std::vector<Embedding>& items() const { return items_; }
  Engine engine() const { return Engine::open(path(), std::make_shared<FakeEmbedder>()); }
  void store(const CandidateCount& count) {
    store_candidate_count(catalog_, count);
    catalog_.commit();
  }

  /// Of the ten nearest by cosine of other items, the share that is among the `count` nearest by code; for
  /// the items whose place is `place` among two.
  double share_among(std::size_t count, std::size_t place) const {
    double num_found = 0, num_all = 0;
    for (std::size_t q = place; q < items_.size(); q += 2) {
      std::vector<std::pair<double, std::size_t>> by_cosine, by_code;
      for (std::size_t i = 0; i < items_.size(); ++i) {
        if (i == q) continue;
        double dot = 0;
        for (std::size_t d = 0; d < kFakeDim; ++d) dot += items_[q].feature[d] * items_[i].feature[d];
        by_cosine.emplace_back(-dot, i);
        double distance = 0;
        for (std::size_t b = 0; b < kFakeDim / 8; ++b)
          distance += std::popcount(std::to_integer<unsigned>(items_[q].code[b] ^ items_[i].code[b]));
        by_code.emplace_back(distance, i);
      }
      std::sort(by_cosine.begin(), by_cosine.end());
      std::sort(by_code.begin(), by_code.end());
      std::set<std::size_t> candidates;
      for (std::size_t i = 0; i < std::min(count, by_code.size()); ++i) candidates.insert(by_code[i].second);
      for (std::size_t i = 0; i < 10; ++i) num_found += candidates.count(by_cosine[i].second);
      num_all += 10;
    }
    return num_found / num_all;
  }

 private:
  std::filesystem::path path() const { return folder_ / "shop.vitrine"; }
  Catalog create() const {
    const ModelInfo model = FakeEmbedder().info();
    return Catalog::create(path(), {model.fingerprint, model.name, model.code_bits, model.feature_dim});
  }

  test::TestFolder folder_;
  Catalog catalog_;
  std::vector<Embedding> items_;
};

ErrorCode code_of_reading(const std::vector<std::byte>& bytes) {
  try {
    CandidateCount::from_bytes(bytes);
  } catch (const Error& error) {
    return error.code();
  }
  FAIL("expected an error");
  return ErrorCode::kInternal;
}

}  // namespace

TEST_CASE("the count of candidates is the smallest that has the target's share of the most alike items") {
  NoisyShop shop(200, 0.05);
  for (const double target : {0.5, 0.8, 0.95}) {
    const CandidateCount found = fit_candidate_count(shop.catalog(), {.target_share = target}).value();
    CHECK(found.num_queries == 200);
    CHECK(found.num_items == 200);
    CHECK(found.num_neighbors == 10);
    CHECK(found.target_share == target);
    // Every other query chooses, the others judge. Halves can order near ties differently than floats do.
    CHECK(shop.share_among(found.count + 1, 0) >= target);
    CHECK(shop.share_among(found.count - 2, 0) < target);
    CHECK(found.share == Approx(shop.share_among(found.count, 1)).margin(0.003));
  }
}

TEST_CASE("codes that say less need more candidates, up to the limit, whatever the number of threads") {
  NoisyShop clear(150, 0);
  NoisyShop vague(150, 0.3);
  const auto count = [](NoisyShop& shop, const CandidateFitOptions& options) {
    return fit_candidate_count(shop.catalog(), options).value();
  };
  CHECK(count(clear, {}).count < count(vague, {}).count);
  CHECK(count(vague, {}).count <= 149);
  const CandidateCount limited = count(vague, {.max_candidates = 20});
  CHECK(limited.count == 20);
  CHECK(limited.share < 0.9);
  CHECK(count(vague, {.num_threads = 1}).to_bytes() == count(vague, {.num_threads = 3}).to_bytes());
  CHECK(count(vague, {.max_queries = 30}).num_queries == 30);
}

TEST_CASE("small catalogues have few candidates, and those of one item or none have nothing to measure") {
  CHECK_FALSE(fit_candidate_count(NoisyShop(0, 0).catalog()));
  CHECK_FALSE(fit_candidate_count(NoisyShop(1, 0).catalog()));
  const CandidateCount two = fit_candidate_count(NoisyShop(2, 0.5).catalog()).value();
  CHECK(two.count == 1);
  CHECK(two.share == 1);
  CHECK(two.num_neighbors == 1);
}

TEST_CASE("a measurement of candidates can be stopped, and refuses options that make no sense") {
  NoisyShop shop(20, 0);
  CHECK_THROWS_AS(fit_candidate_count(shop.catalog(), {.should_stop = [] { return true; }}), Error);
  for (const CandidateFitOptions& options :
       {CandidateFitOptions{.target_share = 0}, CandidateFitOptions{.target_share = 1},
        CandidateFitOptions{.target_share = std::nan("")}, CandidateFitOptions{.num_neighbors = 0},
        CandidateFitOptions{.max_queries = 1}, CandidateFitOptions{.max_candidates = 0}}) {
    CHECK_THROWS_WITH(fit_candidate_count(shop.catalog(), options),
                      Catch::Contains("expected a target_share"));
  }
}

TEST_CASE("searches compare as many candidates as the catalogue says, unless it has changed much") {
  NoisyShop shop(600, 0.45);  // codes that say next to nothing
  const auto num_right = [&](const SearchOptions& options) {
    const Engine engine = shop.engine();
    std::size_t count = 0;
    for (std::size_t q = 0; q < 20; ++q) {
      // Every item, and then as many as the options say.
      const auto hits = [&](SearchOptions search) {
        search.k = 5;
        search.target_recall = 1;
        std::set<ItemId> ids;
        for (const Hit& hit : engine.search(shop.items()[q * 7], search).hits) ids.insert(hit.id);
        return ids;
      };
      count += hits(options) == hits({.rerank_candidates = 600}) ? 1 : 0;
    }
    return count;
  };
  const std::size_t by_default = num_right({});
  CHECK(by_default < 20);
  CHECK(num_right({.rerank_candidates = kDefaultRerankCandidates}) == by_default);
  const CandidateCount all{.count = 600, .num_items = 600};
  shop.store(all);
  CHECK(num_right({}) == 20);
  CHECK(num_right({.rerank_candidates = 200}) == by_default);
  SECTION("few candidates prove little") {
    shop.store({.count = 10, .num_items = 600});
    CHECK(num_right({}) == by_default);
  }
  SECTION("a count of another size of the catalogue is not used") {
    shop.store({.count = 600, .num_items = 200});
    CHECK(num_right({}) == by_default);
    shop.store({.count = 600, .num_items = 1400});
    CHECK(num_right({}) == by_default);
  }
  SECTION("nor one that is damaged") {
    shop.catalog().set_blob("candidate-count", std::vector<std::byte>(9));
    shop.catalog().commit();
    CHECK_THROWS_AS(stored_candidate_count(shop.catalog()), Error);
    CHECK(num_right({}) == by_default);
  }
}

TEST_CASE("a candidate count survives as bytes, and damage is found") {
  const CandidateCount count{300, 0.99, 0.9875, 10, 400, 123456789};
  const std::vector<std::byte> bytes = count.to_bytes();
  REQUIRE(bytes.size() == 64);
  const CandidateCount again = CandidateCount::from_bytes(bytes);
  CHECK(again.count == 300);
  CHECK(again.target_share == 0.99);
  CHECK(again.share == 0.9875);
  CHECK(again.num_neighbors == 10);
  CHECK(again.num_queries == 400);
  CHECK(again.num_items == 123456789);
  for (std::size_t length = 0; length < bytes.size(); ++length)
    CHECK(code_of_reading({bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length)}) ==
          ErrorCode::kCorrupt);
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    std::vector<std::byte> flipped = bytes;
    flipped[bit / 8] ^= std::byte{1} << (bit % 8);
    const ErrorCode code = code_of_reading(flipped);
    CHECK((code == ErrorCode::kCorrupt || (bit / 8 >= 8 && bit / 8 < 12 && code == ErrorCode::kUnsupported)));
  }
  CHECK(code_of_reading(CandidateCount{.count = 0}.to_bytes()) == ErrorCode::kCorrupt);
  CHECK(code_of_reading(CandidateCount{.count = 1, .share = 1.5}.to_bytes()) == ErrorCode::kCorrupt);
}

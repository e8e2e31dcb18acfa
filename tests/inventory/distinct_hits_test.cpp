// SPDX-License-Identifier: MIT
#include "vitrine/distinct_hits.h"

#include <catch2/catch.hpp>
#include <memory>
#include <set>
#include <string>

#include "engine/shop.h"
#include "vitrine/error.h"

using namespace vitrine;
using namespace vitrine::test;

namespace {

/// The picture nearest to the query 30 times, under 30 products of growing sales, and 40 others.
struct FloodedShop : Shop {
  FloodedShop() {
    IngestSource source;
    const auto add = [&](const std::string& name, std::uint32_t seed, double sales) {
      IngestEntry entry;
      entry.path = add_photo(name, seed);
      entry.key = {name, "1"};
      entry.quality["sales"] = sales;
      source.entries.push_back(std::move(entry));
    };
    for (int i = 0; i < 30; ++i) add("copy" + std::to_string(100 + i) + ".png", 1000, i);
    for (std::uint32_t i = 0; i < 40; ++i) add("other" + std::to_string(100 + i) + ".png", i, 0);
    ingest_source(source);
  }
  Engine engine() const { return Engine::open(catalog_path(), std::make_shared<FakeEmbedder>()); }
};

SearchResult search(const Engine& engine, const SearchOptions& options,
                    const DuplicateOptions& duplicates = {}) {
  return DistinctHits(*engine.catalog(), duplicates).search(options, [&](const SearchOptions& wider) {
    return engine.search(seeded_picture(1000), wider);
  });
}

std::size_t num_copies(const SearchResult& result) {
  std::size_t count = 0;
  for (const Hit& hit : result.hits) count += hit.product.starts_with("copy") ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("one picture under many products is one hit, and others fill its place") {
  const FloodedShop shop;
  const Engine engine = shop.engine();
  CHECK(num_copies(engine.search(seeded_picture(1000), {.k = 10})) == 10);
  const SearchResult result = search(engine, {.k = 10});
  REQUIRE(result.hits.size() == 10);
  CHECK(num_copies(result) == 1);
  CHECK(result.hits[0].product.starts_with("copy"));
  std::set<ItemId> ids;
  for (std::size_t i = 0; i < result.hits.size(); ++i) {
    CHECK(result.hits[i].rank == i + 1);
    if (i > 0) CHECK(result.hits[i].score <= result.hits[i - 1].score);
    ids.insert(result.hits[i].id);
  }
  CHECK(ids.size() == 10);
}

TEST_CASE("in an order by quality the best of the copies stays") {
  const FloodedShop shop;
  const QualityRanking by_sales{.columns = {{"sales", 1}}, .strength = 0.05};
  const SearchResult result = search(shop.engine(), {.k = 5, .quality = by_sales});
  REQUIRE(result.hits.size() == 5);
  CHECK(result.hits[0].product == "copy129.png");
  CHECK(num_copies(result) == 1);
}

TEST_CASE("where there are fewer distinct pictures than wanted, all of them come") {
  const FloodedShop shop;
  const SearchResult result = search(shop.engine(), {.k = 60});
  CHECK(result.hits.size() <= 41);
  CHECK(result.hits.size() >= 38);  // colours that chance made alike
  CHECK(num_copies(result) == 1);
  CHECK(num_copies(search(shop.engine(), {.k = 1000})) == 1);
}

TEST_CASE("limits out of range are refused") {
  const FloodedShop shop;
  const Engine engine = shop.engine();
  CHECK_THROWS_AS(DistinctHits(*engine.catalog(), {.max_bit_share = 0.6}), Error);
}

TEST_CASE("hits of another state of the catalogue are refused, not compared with the wrong item") {
  const FloodedShop shop;
  const Engine engine = shop.engine();
  const auto catalog = engine.catalog();
  const DistinctHits distinct(*catalog);
  CHECK_THROWS_WITH(distinct.search({.k = 1},
                                    [](const SearchOptions&) {
                                      SearchResult result;
                                      result.hits.resize(2);
                                      result.hits[0].id = 1'000'000;
                                      result.hits[1].id = 1'000'001;
                                      return result;
                                    }),
                    Catch::Contains("no item 1000000"));
}

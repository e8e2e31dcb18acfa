// SPDX-License-Identifier: MIT
#include "vitrine/engine.h"

#include <algorithm>
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "engine/shop.h"
#include "vitrine/error.h"
#include "vitrine/rerank.h"

using namespace vitrine;
using test::FakeEmbedder;
using test::Shop;

namespace {

constexpr std::uint32_t kNumPhotos = 90;

/// 90 pictures in three categories, with a price and a colour.
struct FullShop : Shop {
  FullShop() {
    const char* categories[] = {"bags", "shirts", "shoes"};
    for (std::uint32_t i = 0; i < kNumPhotos; ++i)
      add_photo(std::string(categories[i % 3]) + "/" + std::to_string(100 + i) + ".png", i);
    IngestSource source = list_folder(photos());
    for (std::size_t i = 0; i < source.entries.size(); ++i) {
      source.entries[i].quality = {{"price", static_cast<double>(i)}};
      source.entries[i].attributes_json = i % 2 == 0 ? R"({"colour":"red"})" : "{}";
    }
    ingest_source(source);
  }
  Engine engine() const { return Engine::open(catalog_path(), std::make_shared<FakeEmbedder>()); }
};

Image query_photo() {
  return test::seeded_picture(1000);
}

ErrorCode code_of(const std::function<void()>& call, std::string* message = nullptr) {
  try {
    call();
  } catch (const Error& error) {
    if (message) *message = error.what();
    return error.code();
  }
  FAIL("expected an error");
  return ErrorCode::kInternal;
}

unsigned hamming(std::span<const std::byte> a, std::span<const std::byte> b) {
  unsigned distance = 0;
  for (std::size_t i = 0; i < a.size(); ++i)
    distance += static_cast<unsigned>(std::popcount(std::to_integer<unsigned>(a[i] ^ b[i])));
  return distance;
}

struct Expected {
  ItemId id = 0;
  unsigned hamming = 0;
  double cosine = 0;
};

/// Every row, in Hamming order or, stably re-ordered, by cosine.
std::vector<Expected> brute_force(const Catalog& catalog, const Embedding& query, bool by_cosine) {
  std::vector<Expected> all;
  catalog.for_each_row([&](const Catalog::Row& row) {
    all.push_back({row.id, hamming(row.code, query.code), dot(query.feature, row.feature)});
  });
  std::stable_sort(all.begin(), all.end(), [](const Expected& a, const Expected& b) {
    return std::tie(a.hamming, a.id) < std::tie(b.hamming, b.id);
  });
  if (by_cosine)
    std::stable_sort(all.begin(), all.end(),
                     [](const Expected& a, const Expected& b) { return a.cosine > b.cosine; });
  return all;
}

void check_hits(const SearchResult& result, const std::vector<Expected>& expected, std::size_t k) {
  REQUIRE(result.hits.size() == k);
  for (std::size_t i = 0; i < k; ++i) {
    CHECK(result.hits[i].rank == i + 1);
    CHECK(result.hits[i].id == expected[i].id);
    CHECK(result.hits[i].hamming == expected[i].hamming);
    CHECK(result.hits[i].cosine == Approx(expected[i].cosine));
    CHECK(result.hits[i].score == Approx(std::clamp(expected[i].cosine, 0.0, 1.0)));
  }
}

}  // namespace

TEST_CASE("hits are those of an exhaustive comparison") {
  const FullShop shop;
  const Engine engine = shop.engine();
  CHECK(engine.size() == kNumPhotos);
  const Embedding query = shop.embedder.embed(std::vector{query_photo()}).front();
  SearchOptions options;
  options.k = 12;
  check_hits(engine.search(query_photo(), options), brute_force(*engine.catalog(), query, true), 12);
  check_hits(engine.search(query, options), brute_force(*engine.catalog(), query, true), 12);
  options.rerank_candidates = 0;
  check_hits(engine.search(query, options), brute_force(*engine.catalog(), query, false), 12);
}

TEST_CASE("a picture of the catalogue finds itself first, with everything the catalogue knows of it") {
  const FullShop shop;
  const Engine engine = shop.engine();
  const SearchResult result = engine.search(test::seeded_picture(4), {.k = 1});
  REQUIRE(result.hits.size() == 1);
  const Hit& hit = result.hits[0];
  CHECK(hit.product == "shirts/104");
  CHECK(hit.picture == "shirts/104.png");
  CHECK(hit.category == "shirts");
  CHECK(hit.path == (shop.photos() / "shirts/104.png").string());
  CHECK(hit.hamming == 0);
  CHECK(hit.score == Approx(1).margin(1e-3));
  CHECK_FALSE(result.box_px);
}

TEST_CASE("categories and conditions restrict the hits and still give k of them") {
  const FullShop shop;
  const Engine engine = shop.engine();
  SearchOptions options;
  options.k = 7;
  options.categories = {"shoes"};
  for (const Hit& hit : engine.search(query_photo(), options).hits) CHECK(hit.category == "shoes");
  CHECK(engine.search(query_photo(), options).hits.size() == 7);

  options.categories = {"shoes", "bags", "shoes"};
  options.k = 60;
  CHECK(engine.search(query_photo(), options).hits.size() == 60);

  options.categories.clear();
  options.where = "price >= 80";
  options.k = 10;
  CHECK(engine.search(query_photo(), options).hits.size() == 10);
  options.k = 20;
  const SearchResult cheap = engine.search(query_photo(), options);
  CHECK(cheap.hits.size() == 10);  // no more than that match

  options.where = "colour = 'red'";
  options.categories = {"bags"};
  options.k = 15;
  const SearchResult red_bags = engine.search(query_photo(), options);
  CHECK(red_bags.hits.size() == 15);
  for (const Hit& hit : red_bags.hits) {
    CHECK(hit.category == "bags");
    CHECK(engine.catalog()->item(hit.id)->attributes_json == R"({"colour":"red"})");
  }
  options.where = "price < 0";
  CHECK(engine.search(query_photo(), options).hits.empty());
}

TEST_CASE("a restricted search orders its hits like an unrestricted one") {
  const FullShop shop;
  const Engine engine = shop.engine();
  std::vector<ItemId> expected;
  for (const Hit& hit : engine.search(query_photo(), {.k = kNumPhotos}).hits)
    if (hit.category == "shirts") expected.push_back(hit.id);
  std::vector<ItemId> found;
  for (const Hit& hit : engine.search(query_photo(), {.k = kNumPhotos, .categories = {"shirts"}}).hits)
    found.push_back(hit.id);
  CHECK(found == expected);
}

TEST_CASE("a search with an item leaves that item out and still gives k hits") {
  const FullShop shop;
  const Engine engine = shop.engine();
  const ItemKey key{"bags/103", "bags/103.png"};
  const SearchResult result = engine.search_item(key, {.k = kNumPhotos - 1});
  CHECK(result.hits.size() == kNumPhotos - 1);
  for (const Hit& hit : result.hits) CHECK(hit.product != key.product);
  const SearchResult by_photo = engine.search(test::seeded_picture(3), {.k = 5});
  const SearchResult by_item = engine.search_item(key, {.k = 4});
  REQUIRE(by_photo.hits.size() == 5);
  REQUIRE(by_item.hits.size() == 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK(by_item.hits[i].id == by_photo.hits[i + 1].id);
  CHECK(code_of([&] { engine.search_item({"bags/103", "other"}); }) == ErrorCode::kNotFound);
}

TEST_CASE("the region of a photo is searched in its own right") {
  const FullShop shop;
  const Engine engine = shop.engine();
  // The item's picture in the left half of a larger one.
  const Image item = test::seeded_picture(7);
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < item.height_px(); ++y) {
    const auto row = item.pixels().subspan(static_cast<std::size_t>(y * item.width_px()) * 3,
                                           static_cast<std::size_t>(item.width_px()) * 3);
    pixels.insert(pixels.end(), row.begin(), row.end());
    pixels.insert(pixels.end(), row.size(), std::uint8_t{9});
  }
  const Image photo(2 * item.width_px(), item.height_px(), pixels);
  SearchOptions options;
  options.k = 1;
  options.box_px = BoxPx{-5, -5, item.width_px(), item.height_px() + 5};
  const SearchResult result = engine.search(photo, options);
  CHECK(result.hits.at(0).picture == "shirts/107.png");
  CHECK(result.hits.at(0).hamming == 0);
  CHECK(result.box_px == BoxPx{0, 0, item.width_px(), item.height_px()});
  options.box_px = BoxPx{500, 500, 600, 600};
  CHECK(code_of([&] { engine.search(photo, options); }) == ErrorCode::kInvalidArgument);
}

TEST_CASE("a box that the model finds is reported with its score, and a given one goes before it") {
  const FullShop shop;
  const auto embedder = std::make_shared<FakeEmbedder>();
  embedder->found_box_px = BoxPx{1, 2, 7, 8};
  const Engine engine = Engine::open(shop.catalog_path(), embedder);
  const SearchResult found = engine.search(query_photo());
  CHECK(found.box_px == BoxPx{1, 2, 7, 8});
  CHECK(found.box_score == 0.75);
  const SearchResult given = engine.search(query_photo(), {.box_px = BoxPx{0, 0, 5, 5}});
  CHECK(given.box_px == BoxPx{0, 0, 5, 5});
  CHECK_FALSE(given.box_score);
}

TEST_CASE("every product of a photo is searched for, and the whole photo") {
  const FullShop shop;
  const auto embedder = std::make_shared<FakeEmbedder>();
  embedder->found_box_px = BoxPx{1, 2, 7, 8};
  const Engine engine = Engine::open(shop.catalog_path(), embedder);
  const Image photo = query_photo();
  CHECK(engine.search_objects(photo).objects.empty());
  embedder->objects = {{{0, 0, 5, 5}, 0.9}, {{5, 0, 12, 10}, 0.2}};
  const ObjectResults results = engine.search_objects(photo, {}, {.k = 3});
  REQUIRE(results.objects.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    const SearchResult& object = results.objects[i];
    CHECK(object.box_px == embedder->objects[i].box_px);
    CHECK(object.box_score == embedder->objects[i].score);
    const SearchResult expected = engine.search(photo, {.k = 3, .box_px = object.box_px});
    REQUIRE(object.hits.size() == 3);
    for (std::size_t j = 0; j < 3; ++j) CHECK(object.hits[j].id == expected.hits.at(j).id);
  }
  CHECK_FALSE(results.whole.box_px);
  CHECK_FALSE(results.whole.box_score);
  CHECK(results.whole.hits.at(0).id == engine.search(photo, {.k = 3, .box_px = kWholePicture}).hits.at(0).id);
  CHECK(code_of([&] {
          engine.search_objects(photo, {}, {.box_px = BoxPx{0, 0, 5, 5}});
        }) == ErrorCode::kInvalidArgument);
  CHECK(code_of([&] { engine.search_objects(Image()); }) == ErrorCode::kInvalidArgument);
}

TEST_CASE("an engine loads models as its host says") {
  const FullShop shop;
  std::filesystem::path asked;
  EngineOptions options;
  options.model = shop.folder.write("net", "of another kind");
  options.load = [&](const std::filesystem::path& model, Precision) {
    asked = model;
    return std::make_shared<FakeEmbedder>();
  };
  const Engine engine = Engine::open(shop.catalog_path(), options);
  CHECK(asked.empty());
  CHECK_FALSE(engine.search(query_photo()).hits.empty());
  CHECK(asked == options.model);
}

TEST_CASE("an unknown category is refused with the names that come close") {
  const FullShop shop;
  const Engine engine = shop.engine();
  std::string message;
  CHECK(code_of([&] { engine.search(query_photo(), {.categories = {"shos"}}); }, &message) ==
        ErrorCode::kInvalidArgument);
  CHECK(message.find("'shos'") != std::string::npos);
  CHECK(message.find("similar ones: 'shoes'") != std::string::npos);
}

TEST_CASE("wrong arguments are refused") {
  const FullShop shop;
  const Engine engine = shop.engine();
  CHECK(code_of([&] { engine.search(query_photo(), {.k = 0}); }) == ErrorCode::kInvalidArgument);
  CHECK(code_of([&] { engine.search(Image()); }) == ErrorCode::kInvalidArgument);
  CHECK(code_of([&] { engine.search(query_photo(), {.where = "price >"}); }) == ErrorCode::kInvalidArgument);
  Embedding query = shop.embedder.embed(std::vector{query_photo()}).front();
  query.feature[3] = std::numeric_limits<float>::quiet_NaN();
  CHECK(code_of([&] { engine.search(query); }) == ErrorCode::kInvalidArgument);
  query.feature.resize(8);
  CHECK(code_of([&] { engine.search(query); }) == ErrorCode::kInvalidArgument);
  query = shop.embedder.embed(std::vector{query_photo()}).front();
  query.code.resize(9);
  CHECK(code_of([&] { engine.search(query); }) == ErrorCode::kInvalidArgument);
}

TEST_CASE("more hits than items are all items") {
  const FullShop shop;
  const Engine engine = shop.engine();
  const std::size_t all = std::numeric_limits<std::size_t>::max();
  CHECK(engine.search(query_photo(), {.k = all}).hits.size() == kNumPhotos);
  CHECK(engine.search(query_photo(), {.k = 3, .rerank_candidates = all}).hits.size() == 3);
}

TEST_CASE("an empty catalogue has no hits") {
  const Shop shop;
  { const Catalog made = shop.open_or_create(); }
  const Engine engine = Engine::open(shop.catalog_path(), std::make_shared<FakeEmbedder>());
  CHECK(engine.size() == 0);
  const SearchResult result = engine.search(query_photo());
  CHECK(result.hits.empty());
  CHECK(result.categories.empty());
}

TEST_CASE("categories come from the model if it knows the catalogue's, else from the neighbours") {
  const FullShop shop;
  const auto predicted = [&](std::vector<std::string> names, std::uint32_t seed) {
    const Engine engine = Engine::open(shop.catalog_path(), std::make_shared<FakeEmbedder>(std::move(names)));
    return engine.search(test::seeded_picture(seed)).categories;
  };
  const auto by_model = predicted({"bags", "shoes"}, 1000);
  REQUIRE(by_model.size() == 2);
  CHECK(by_model[0].probability == Approx(0.8));

  for (const auto& names : {std::vector<std::string>{}, std::vector<std::string>{"cats", "dogs"}}) {
    const auto by_vote = predicted(names, 8);
    REQUIRE_FALSE(by_vote.empty());
    double total = 0;
    for (const CategoryScore& score : by_vote) total += score.probability;
    CHECK(total == Approx(1));
    CHECK(by_vote[0].name != "cats");
  }
}

TEST_CASE("an engine is opened only with the model of the catalogue") {
  const FullShop shop;
  auto other = std::make_shared<FakeEmbedder>();
  other->info_for_changes().fingerprint[0] = 'f';
  CHECK(code_of([&] { Engine::open(shop.catalog_path(), other); }) == ErrorCode::kInvalidArgument);
  CHECK(code_of([&] { Engine::open(shop.catalog_path(), std::shared_ptr<const Embedder>()); }) ==
        ErrorCode::kInvalidArgument);
  CHECK(code_of([&] { Engine::open(shop.folder / "missing"); }) == ErrorCode::kNotFound);
  EngineOptions options;
  options.model = shop.folder / "missing.safetensors";
  CHECK(code_of([&] { Engine::open(shop.catalog_path(), options); }) == ErrorCode::kNotFound);
}

TEST_CASE("a catalogue without a model can be searched with items, and says what is missing for photos") {
  const FullShop shop;
  const Engine engine = Engine::open(shop.catalog_path());
  CHECK(engine.search_item({"bags/103", "bags/103.png"}, {.k = 2}).hits.size() == 2);
  CHECK(code_of([&] { engine.search(query_photo()); }) == ErrorCode::kNotFound);
  CHECK(code_of([&] { engine.embedder(); }) == ErrorCode::kNotFound);  // again, not only the first time
}

TEST_CASE("concurrent searches give what a single one gives") {
  const FullShop shop;
  const Engine engine = shop.engine();
  const auto ids = [&] {
    std::vector<ItemId> found;
    for (const Hit& hit :
         engine.search(query_photo(), {.k = 9, .categories = {"bags"}, .where = "price > 5"}).hits)
      found.push_back(hit.id);
    return found;
  };
  const std::vector<ItemId> expected = ids();
  std::vector<std::vector<ItemId>> found(4);
  std::vector<std::thread> threads;
  for (auto& slot : found)
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) slot = ids();
    });
  for (std::thread& thread : threads) thread.join();
  for (const auto& slot : found) CHECK(slot == expected);
}

namespace {

/// Products p00 to p09 with 1 to 10 pictures each, in two categories.
struct ProductShop : Shop {
  ProductShop() {
    std::uint32_t seed = 0;
    IngestSource source;
    for (std::size_t product = 0; product < 10; ++product) {
      for (std::size_t picture = 0; picture <= product; ++picture) {
        const std::string name = "p0" + std::to_string(product) + "-" + std::to_string(picture) + ".png";
        IngestEntry entry;
        entry.path = add_photo(name, seed++);
        entry.key = {"p0" + std::to_string(product), name};
        entry.category = product % 2 == 0 ? "even" : "odd";
        source.entries.push_back(std::move(entry));
      }
    }
    ingest_source(source);
  }
  Engine engine() const { return Engine::open(catalog_path(), std::make_shared<FakeEmbedder>()); }
};

/// The best picture of each product and the products' order, from a search for all pictures.
std::vector<std::string> best_pictures(const Engine& engine, SearchOptions options) {
  options.k = engine.size();
  options.group_by_product = false;
  std::set<std::string> seen;
  std::vector<std::string> pictures;
  for (const Hit& hit : engine.search(query_photo(), options).hits)
    if (seen.insert(hit.product).second) pictures.push_back(hit.picture);
  return pictures;
}

}  // namespace

TEST_CASE("a search grouped by products finds k products, each by its best picture") {
  const ProductShop shop;
  const Engine engine = shop.engine();
  SearchOptions options;
  options.group_by_product = true;
  options.k = GENERATE(1, 4, 9, 10, 50);
  options.rerank_candidates = GENERATE(0, 200);
  options.where = GENERATE("", "product <> 'p09'");
  std::vector<std::string> expected = best_pictures(engine, options);
  if (expected.size() > options.k) expected.resize(options.k);
  const std::vector<Hit> hits = engine.search(query_photo(), options).hits;
  std::vector<std::string> found;
  for (const Hit& hit : hits) {
    found.push_back(hit.picture);
    CHECK(hit.rank == found.size());
    for (const OtherPicture& other : hit.more) {
      CHECK(other.picture.substr(0, 3) == hit.product);
      CHECK(other.picture != hit.picture);
      if (options.rerank_candidates > 0) CHECK(other.score <= hit.score);
    }
  }
  CHECK(found == expected);
}

TEST_CASE("products are filled beyond the first candidates") {
  // 200 pictures of one product are nearer than anything else.
  Shop shop;
  IngestSource source;
  const auto add = [&](const std::string& product, const std::string& name, std::uint32_t seed) {
    IngestEntry entry;
    entry.path = shop.add_photo(name, seed);
    entry.key = {product, name};
    source.entries.push_back(std::move(entry));
  };
  for (std::size_t i = 0; i < 60; ++i) add("many", "m" + std::to_string(i) + ".png", 1000);
  for (std::size_t i = 0; i < 3; ++i)
    add("other" + std::to_string(i), "o" + std::to_string(i) + ".png", static_cast<std::uint32_t>(i));
  shop.ingest_source(source);
  const Engine engine = Engine::open(shop.catalog_path(), std::make_shared<FakeEmbedder>());
  SearchOptions options;
  options.k = 4;
  options.rerank_candidates = 0;
  options.group_by_product = true;
  const std::vector<Hit> hits = engine.search(query_photo(), options).hits;
  REQUIRE(hits.size() == 4);
  CHECK(hits[0].product == "many");
  CHECK(hits[0].hamming == 0);
  CHECK(hits[0].more.size() >= 29);
  CHECK(std::set<std::string>{hits[1].product, hits[2].product, hits[3].product} ==
        std::set<std::string>{"other0", "other1", "other2"});
  CHECK(hits[1].hamming <= hits[2].hamming);
}

TEST_CASE("quality orders similar hits and leaves hits that lead by more than its strength") {
  const FullShop shop;
  const Engine engine = shop.engine();
  const Image photo = query_photo();
  SearchOptions options;
  options.k = 60;
  const std::vector<Hit> similar = engine.search(photo, options).hits;
  options.k = 10;
  options.quality = QualityRanking{.columns = {{"price", -1}}, .strength = 0.2, .max_fall = 0};
  const std::vector<Hit> ranked = engine.search(photo, options).hits;
  REQUIRE(ranked.size() == 10);
  for (std::size_t i = 0; i < ranked.size(); ++i) {
    const HitQuality& quality = ranked[i].quality.value();
    CHECK(ranked[i].rank == i + 1);
    REQUIRE(quality.similarity_rank >= 1);
    CHECK(similar[quality.similarity_rank - 1].id == ranked[i].id);
    CHECK(quality.rank_score == Approx(ranked[i].score + 0.2 * quality.quality));
    REQUIRE(quality.parts.size() == 1);
    CHECK(quality.parts[0].column == "price");
    CHECK(quality.quality == Approx(1 - quality.parts[0].standing.value()));
    if (i > 0) CHECK(ranked[i - 1].quality->rank_score >= quality.rank_score);
    for (std::size_t j = 0; j < i; ++j) CHECK(ranked[j].score >= ranked[i].score - 0.2);
  }
  // By codes alone fewer candidates would be enough for ten hits; quality still compares sixty, so that a
  // standing, all prices being different, is a multiple of 1/59.
  options.rerank_candidates = 0;
  for (const Hit& hit : engine.search(photo, options).hits) {
    const double num_lower = 59 * hit.quality->parts[0].standing.value();
    CHECK(num_lower == Approx(std::round(num_lower)).margin(1e-9));
  }
  options.rerank_candidates = 200;
  options.quality->strength = 1;
  options.quality->max_fall = 2;
  std::size_t num_of_first_five = 0;
  for (const Hit& hit : engine.search(photo, options).hits) {
    CHECK(hit.rank <= 2 * hit.quality->similarity_rank);
    num_of_first_five += hit.quality->similarity_rank <= 5 ? 1 : 0;
  }
  CHECK(num_of_first_five == 5);
  options.quality->strength = 0;
  const std::vector<Hit> unmoved = engine.search(photo, options).hits;
  for (std::size_t i = 0; i < unmoved.size(); ++i) CHECK(unmoved[i].id == similar[i].id);
}

TEST_CASE("quality needs columns that the catalogue has, and orders products too") {
  const ProductShop shop;
  SearchOptions options;
  options.k = 3;
  options.group_by_product = true;
  std::string message;
  options.quality = QualityRanking{{{"prise", 1}}};
  CHECK(code_of([&] { shop.engine().search(query_photo(), options); }, &message) ==
        ErrorCode::kInvalidArgument);
  CHECK(message.find("no numeric column 'prise'") != std::string::npos);
  const FullShop full;
  CHECK(code_of([&] { full.engine().search(query_photo(), options); }, &message) ==
        ErrorCode::kInvalidArgument);
  CHECK(message.find("similar ones: 'price'") != std::string::npos);
  options.quality = QualityRanking{{{"price", 1}}, 1.0};
  const std::vector<Hit> hits = full.engine().search(query_photo(), options).hits;
  REQUIRE(hits.size() == 3);
  CHECK(hits[0].quality->rank_score >= hits[1].quality->rank_score);
}

// SPDX-License-Identifier: MIT
// The search index's file: searches with it, without it, with an old, a foreign and a damaged one are the
// same.
#include "vitrine/search_index.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <random>

#include "engine/shop.h"
#include "vitrine/engine.h"
#include "vitrine/error.h"

using namespace vitrine;
using test::FakeEmbedder;
using test::kFakeDim;

namespace {

namespace fs = std::filesystem;

class CodedShop {
 public:
  explicit CodedShop(std::size_t num_items) : catalog_(create()) {
    for (std::size_t i = 0; i < num_items; ++i) add(i);
    catalog_.commit();
  }

  ItemId add(std::size_t number) {
    Item item;
    item.key = {"product " + std::to_string(number / 2), std::to_string(number)};
    item.category = number % 3 == 0 ? "bags" : "shoes";
    std::vector<std::byte> code(kFakeDim / 8);
    for (std::byte& byte : code) byte = static_cast<std::byte>(random_());
    std::vector<float> feature(kFakeDim);
    for (float& value : feature) value = static_cast<float>(random_() % 100) / 400;
    return catalog_.upsert(item, code, to_half(feature));
  }

  Catalog& catalog() { return catalog_; }
  fs::path path() const { return folder_ / "shop.vitrine"; }
  fs::path file() const { return path() / "search.vhix"; }

  // The hits of some queries, with and without restrictions, as text.
  std::string answers() const {
    const Engine engine = Engine::open(path(), std::make_shared<FakeEmbedder>());
    std::mt19937_64 random(7);
    std::string text = std::to_string(engine.size());
    for (int i = 0; i < 12; ++i) {
      Embedding query;
      for (std::size_t b = 0; b < kFakeDim / 8; ++b) query.code.push_back(static_cast<std::byte>(random()));
      for (std::size_t d = 0; d < kFakeDim; ++d) query.feature.push_back(static_cast<float>(random() % 7));
      SearchOptions options{.k = 9, .target_recall = 1};
      if (i % 3 == 1) options.categories = {"bags"};
      if (i % 3 == 2) options.where = "picture LIKE '%3%'";
      for (const Hit& hit : engine.search(query, options).hits) {
        text += ' ' + hit.picture + ':' + hit.category + ':' + std::to_string(hit.hamming) + ':' +
                std::to_string(hit.cosine);
      }
    }
    return text;
  }
  std::string answers_without_file() const {
    fs::rename(file(), folder_ / "aside");
    std::string text = answers();
    fs::rename(folder_ / "aside", file());
    return text;
  }

 private:
  Catalog create() {
    const ModelInfo model = FakeEmbedder().info();
    return Catalog::create(path(), {model.fingerprint, model.name, model.code_bits, model.feature_dim});
  }

  test::TestFolder folder_;
  std::mt19937_64 random_{11};
  Catalog catalog_;
};

}  // namespace

TEST_CASE("a search index is written once, says what it holds, and answers like the catalogue") {
  CodedShop shop(700);
  CHECK_FALSE(search_index_info(shop.catalog()));
  const std::string expected = shop.answers();
  const SearchIndexInfo made = refresh_search_index(shop.catalog(), {.min_items_for_lists = 300});
  CHECK(made.stats.num_rows == 700);
  CHECK(made.stats.calibrated.size() >= 3);
  CHECK(made.file_bytes == fs::file_size(shop.file()));
  const auto written = fs::last_write_time(shop.file());
  refresh_search_index(shop.catalog(), {.min_items_for_lists = 300});
  CHECK(fs::last_write_time(shop.file()) == written);

  const auto info = search_index_info(Catalog::open(shop.path()));
  REQUIRE(info);
  CHECK(info->up_to_date);
  CHECK(info->stats.num_lists == made.stats.num_lists);
  CHECK(verify_search_index(shop.catalog()).empty());
  CHECK(shop.answers() == expected);
}

TEST_CASE("an old search index is brought up to date when it is opened, and for good by refreshing it") {
  CodedShop shop(500);
  refresh_search_index(shop.catalog());
  for (ItemId id = 3; id < 400; id += 7) CHECK(shop.catalog().remove(id));
  for (std::size_t number = 480; number < 620; ++number) shop.add(number);  // some replace items
  auto item = shop.catalog().item(5).value();
  item.category = "hats";
  shop.catalog().update_metadata(5, item);
  shop.catalog().commit();
  CHECK_FALSE(search_index_info(shop.catalog())->up_to_date);
  const std::string expected = shop.answers_without_file();
  CHECK(shop.answers() == expected);
  CHECK(refresh_search_index(shop.catalog()).up_to_date);
  CHECK(search_index_info(shop.catalog())->up_to_date);
  CHECK(verify_search_index(shop.catalog()).empty());
  CHECK(shop.answers() == expected);

  shop.catalog().remove(1);
  shop.catalog().rollback();
  CHECK(search_index_info(shop.catalog())->up_to_date);
}

TEST_CASE("another catalogue's search index and a damaged one are not used, and reported") {
  CodedShop shop(300);
  CodedShop other(290);
  refresh_search_index(other.catalog());
  refresh_search_index(shop.catalog());
  const std::string expected = shop.answers_without_file();
  SECTION("foreign") {
    fs::copy_file(other.file(), shop.file(), fs::copy_options::overwrite_existing);
    CHECK(shop.answers() == expected);
    REQUIRE(verify_search_index(shop.catalog()).size() == 1);
    CHECK(verify_search_index(shop.catalog())[0].description.find("does not belong") != std::string::npos);
  }
  SECTION("damaged anywhere") {
    std::mt19937_64 random(5);
    for (int round = 0; round < 40; ++round) {
      std::fstream file(shop.file(), std::ios::in | std::ios::out | std::ios::binary);
      const auto place = static_cast<std::streamoff>(random() % fs::file_size(shop.file()));
      file.seekg(place);
      const int byte = file.get();
      file.seekp(place);
      file.put(static_cast<char>(byte ^ 0x10));
      file.close();
      CHECK(shop.answers() == expected);
    }
    CHECK_FALSE(verify_search_index(shop.catalog()).empty());
  }
  SECTION("truncated") {
    fs::resize_file(shop.file(), fs::file_size(shop.file()) / 2);
    CHECK(shop.answers() == expected);
    CHECK_THROWS_AS(search_index_info(shop.catalog()), Error);
    CHECK(verify_search_index(shop.catalog()).size() == 1);
  }
  CHECK(refresh_search_index(shop.catalog(), {.form_lists_anew = true}).up_to_date);
}

TEST_CASE("a catalogue restored from a backup does not fall for a newer search index") {
  CodedShop shop(200);
  const test::TestFolder backup;
  fs::copy(shop.path(), backup / "copy", fs::copy_options::recursive);
  for (std::size_t number = 200; number < 260; ++number) shop.add(number);
  shop.catalog().commit();
  refresh_search_index(shop.catalog());
  {
    // The copy gives the same ids to other items.
    Catalog copy = Catalog::open(backup / "copy", Catalog::Mode::kReadWrite);
    for (std::size_t number = 900; number < 960; ++number) {
      Item item;
      item.key = {"new", std::to_string(number)};
      copy.upsert(item, std::vector<std::byte>(kFakeDim / 8, std::byte{0x77}),
                  to_half(std::vector<float>(kFakeDim, 0.1F)));
    }
    copy.commit();
    fs::copy_file(shop.file(), backup / "copy" / "search.vhix");
    const auto engine = Engine::open(backup / "copy", std::make_shared<FakeEmbedder>());
    const Embedding query{
        std::vector<float>(kFakeDim, 1), std::vector<std::byte>(kFakeDim / 8, std::byte{0x77}), {}};
    const auto hits = engine.search(query, {.k = 60, .rerank_candidates = 0}).hits;
    REQUIRE(hits.size() == 60);
    for (const Hit& hit : hits) CHECK(hit.product == "new");
    CHECK(refresh_search_index(copy).up_to_date);
    CHECK(verify_search_index(copy).empty());
  }
}

TEST_CASE("a search index can only be written by who may write the catalogue") {
  CodedShop shop(10);
  const Catalog reader = Catalog::open(shop.path());
  CHECK_THROWS_AS(refresh_search_index(reader), Error);
  CHECK_FALSE(fs::exists(shop.file()));
}

// SPDX-License-Identifier: MIT
#include "vitrine/ingest.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <span>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/shop.h"
#include "vitrine/error.h"

using namespace vitrine;
using test::Shop;

namespace {

struct Counts {
  std::uint64_t added = 0, modified = 0, removed = 0, renamed = 0, unchanged = 0;
  friend bool operator==(const Counts&, const Counts&) = default;
  friend std::ostream& operator<<(std::ostream& out, const Counts& c) {
    return out << "added " << c.added << ", modified " << c.modified << ", removed " << c.removed
               << ", renamed " << c.renamed << ", unchanged " << c.unchanged;
  }
};

Counts counts(const IngestReport& report) {
  for (const IngestFailure& failure : report.failures) UNSCOPED_INFO(failure.path << ": " << failure.reason);
  CHECK(report.failures.empty());
  CHECK_FALSE(report.interrupted);
  return {report.num_added, report.num_modified, report.num_removed, report.num_renamed,
          report.num_unchanged};
}

void fill(Shop& shop, std::uint32_t num_photos) {
  for (std::uint32_t i = 0; i < num_photos; ++i)
    shop.add_photo((i % 2 == 0 ? "bags/" : "shoes/") + std::to_string(100 + i) + ".png", i);
}

std::uint64_t num_committed(const Shop& shop) {
  return Catalog::open(shop.catalog_path()).stats().num_items;
}

Item item_named(const Catalog& catalog, const std::string& picture) {
  const std::string product = picture.substr(0, picture.rfind('.'));
  return catalog.item(catalog.find({product, picture}).value()).value();
}

}  // namespace

TEST_CASE("a first run adds every picture and a second one changes nothing") {
  Shop shop;
  fill(shop, 11);
  CHECK(counts(shop.ingest_photos()) == Counts{.added = 11});
  CHECK(shop.embedder.num_embedded() == 11);
  CHECK(counts(shop.ingest_photos()) == Counts{.unchanged = 11});
  CHECK(shop.embedder.num_embedded() == 11);

  const Catalog catalog = Catalog::open(shop.catalog_path());
  const Item item = item_named(catalog, "bags/100.png");
  CHECK(item.category == "bags");
  CHECK(item.path == (shop.photos() / "bags/100.png").string());
  const Image picture = test::seeded_picture(0);
  CHECK(item.width_px == picture.width_px());
  CHECK(item.height_px == picture.height_px());
  CHECK(item.hash == content_hash(encode_png(picture)));
}

TEST_CASE("a run finds added, modified and vanished pictures") {
  Shop shop;
  fill(shop, 8);
  shop.ingest_photos();
  shop.add_photo("shoes/new.png", 50);
  shop.add_photo("bags/100.png", 51);
  std::filesystem::remove(shop.photos() / "shoes/101.png");
  CHECK(counts(shop.ingest_photos()) == Counts{.added = 1, .modified = 1, .removed = 1, .unchanged = 6});
  CHECK(shop.embedder.num_embedded() == 10);
  const Catalog catalog = Catalog::open(shop.catalog_path());
  CHECK(catalog.stats().num_items == 8);
  CHECK(item_named(catalog, "bags/100.png").hash == content_hash(encode_png(test::seeded_picture(51))));
  CHECK_FALSE(catalog.find({"shoes/101", "shoes/101.png"}));
}

TEST_CASE("vanished pictures stay if asked") {
  Shop shop;
  fill(shop, 3);
  shop.ingest_photos();
  std::filesystem::remove(shop.photos() / "shoes/101.png");
  IngestOptions options;
  options.remove_vanished = false;
  CHECK(counts(shop.ingest_photos(options)) == Counts{.unchanged = 2});
  CHECK(Catalog::open(shop.catalog_path()).stats().num_items == 3);
}

TEST_CASE("a renamed picture keeps its feature and is not embedded again") {
  Shop shop;
  fill(shop, 5);
  shop.ingest_photos();
  const test::Content before = test::content_of(Catalog::open(shop.catalog_path()));
  std::filesystem::rename(shop.photos() / "shoes/101.png", shop.photos() / "bags/moved.png");
  CHECK(counts(shop.ingest_photos()) == Counts{.renamed = 1, .unchanged = 4});
  CHECK(shop.embedder.num_embedded() == 5);
  const Catalog catalog = Catalog::open(shop.catalog_path());
  CHECK(catalog.stats().num_items == 5);
  const Item item = item_named(catalog, "bags/moved.png");
  CHECK(item.category == "bags");
  CHECK(item.width_px == test::seeded_picture(1).width_px());
  const auto& [path, category, code, feature] = before.at({"shoes/101", "shoes/101.png"});
  const auto after = test::content_of(catalog).at(item.key);
  CHECK(std::get<2>(after) == code);
  CHECK(std::get<3>(after) == feature);
}

TEST_CASE("a moved folder is not embedded again") {
  Shop shop;
  fill(shop, 6);
  shop.ingest_photos();
  std::filesystem::rename(shop.photos(), shop.folder / "moved");
  CHECK(counts(shop.ingest_source(list_folder(shop.folder / "moved"))) == Counts{.renamed = 6});
  CHECK(shop.embedder.num_embedded() == 6);
  CHECK(item_named(Catalog::open(shop.catalog_path()), "bags/100.png").path ==
        (shop.folder / "moved/bags/100.png").string());
}

TEST_CASE("a new time on the same bytes is read but not embedded, and remembered") {
  Shop shop;
  fill(shop, 3);
  shop.ingest_photos();
  std::filesystem::last_write_time(shop.photos() / "bags/100.png",
                                   std::filesystem::file_time_type::clock::now());
  CHECK(counts(shop.ingest_photos()) == Counts{.unchanged = 3});
  std::vector<std::uint64_t> totals;
  IngestOptions options;
  options.on_progress = [&](const IngestProgress& progress) { totals.push_back(progress.num_total); };
  shop.ingest_photos(options);
  CHECK(totals.back() == 0);
  CHECK(shop.embedder.num_embedded() == 3);
}

TEST_CASE("a picture that is replaced by one with an earlier time and the same size is taken anew") {
  Shop shop;
  const auto path = shop.add_photo("a.png", 1);
  const auto time = std::filesystem::last_write_time(path);
  std::vector<std::byte> before = test::read_bytes(path);
  std::vector<std::byte> after = test::read_bytes(shop.add_photo("a.png", 2));
  // Nobody reads behind a PNG's end.
  before.resize(std::max(before.size(), after.size()));
  after.resize(before.size());
  shop.folder.write("photos/a.png", std::span<const std::byte>(before));
  std::filesystem::last_write_time(path, time);
  CHECK(counts(shop.ingest_photos()) == Counts{.added = 1});
  shop.folder.write("photos/a.png", std::span<const std::byte>(after));
  std::filesystem::last_write_time(path, time - std::chrono::hours(24));
  CHECK(counts(shop.ingest_photos()) == Counts{.modified = 1});
}

TEST_CASE("changed metadata needs no network") {
  Shop shop;
  fill(shop, 4);
  IngestSource source = list_folder(shop.photos());
  shop.ingest_source(source);
  source.entries[0].category = "sale";
  source.entries[1].attributes_json = R"({"colour":"red"})";
  source.entries[2].quality = {{"price", 9.5}};
  CHECK(counts(shop.ingest_source(source)) == Counts{.modified = 3, .unchanged = 1});
  CHECK(counts(shop.ingest_source(source)) == Counts{.unchanged = 4});
  // The same object written differently is no change.
  source.entries[1].attributes_json = R"({ "colour" : "red" })";
  CHECK(counts(shop.ingest_source(source)) == Counts{.unchanged = 4});
  CHECK(shop.embedder.num_embedded() == 4);
  const Catalog catalog = Catalog::open(shop.catalog_path());
  CHECK(item_named(catalog, source.entries[0].key.picture).category == "sale");
  CHECK(item_named(catalog, source.entries[2].key.picture).quality.at("price") == 9.5);
}

TEST_CASE("pictures of equal content are embedded once, in one run and across runs") {
  Shop shop;
  shop.add_photo("a/1.png", 1);
  for (int i = 2; i < 12; ++i) shop.add_photo("a/" + std::to_string(100 + i) + ".png", 1);
  shop.add_photo("b/2.png", 2);
  CHECK(counts(shop.ingest_photos()) == Counts{.added = 12});
  CHECK(shop.embedder.num_embedded() == 2);
  shop.add_photo("c/3.png", 2);
  CHECK(counts(shop.ingest_photos()) == Counts{.added = 1, .unchanged = 12});
  CHECK(shop.embedder.num_embedded() == 2);
  const test::Content content = test::content_of(Catalog::open(shop.catalog_path()));
  CHECK(std::get<3>(content.at({"c/3", "c/3.png"})) == std::get<3>(content.at({"b/2", "b/2.png"})));
}

TEST_CASE("two pictures that swap their contents are told apart") {
  Shop shop;
  shop.add_photo("a.png", 1);
  shop.add_photo("b.png", 2);
  shop.ingest_photos();
  const test::Content before = test::content_of(Catalog::open(shop.catalog_path()));
  shop.add_photo("a.png", 2);
  shop.add_photo("b.png", 1);
  CHECK(counts(shop.ingest_photos()) == Counts{.modified = 2});
  const test::Content after = test::content_of(Catalog::open(shop.catalog_path()));
  CHECK(std::get<2>(after.at({"a", "a.png"})) == std::get<2>(before.at({"b", "b.png"})));
  CHECK(std::get<2>(after.at({"b", "b.png"})) == std::get<2>(before.at({"a", "a.png"})));
}

TEST_CASE("an old content under a new name is found even if its first owner was modified in the same run") {
  Shop shop;
  shop.add_photo("a.png", 1);
  shop.ingest_photos();
  shop.add_photo("a.png", 2);
  shop.add_photo("z.png", 1);
  CHECK(counts(shop.ingest_photos()) == Counts{.added = 1, .modified = 1});
  CHECK(item_named(Catalog::open(shop.catalog_path()), "z.png").width_px ==
        test::seeded_picture(1).width_px());
}

TEST_CASE("one file can be the picture of two products") {
  Shop shop;
  const std::string path = shop.add_photo("a.png", 1).string();
  IngestSource source;
  for (const char* product : {"P", "Q"}) {
    IngestEntry entry;
    entry.key = {product, "front"};
    entry.path = path;
    source.entries.push_back(entry);
  }
  CHECK(counts(shop.ingest_source(source)) == Counts{.added = 2});
  CHECK(counts(shop.ingest_source(source)) == Counts{.unchanged = 2});
  CHECK(shop.embedder.num_embedded() == 1);
  source.entries.pop_back();
  CHECK(counts(shop.ingest_source(source)) == Counts{.removed = 1, .unchanged = 1});
}

TEST_CASE("items are numbered in source order, whatever the number of threads") {
  Shop one;
  Shop four;
  for (Shop* shop : {&one, &four}) {
    fill(*shop, 60);
    for (std::uint32_t i = 0; i < 60; i += 9) shop->add_photo("twins/" + std::to_string(i) + ".png", i);
    shop->folder.write("photos/bags/bad.png", std::string_view("nothing"));
  }
  IngestOptions options;
  options.num_threads = 1;
  options.commit_every = 7;
  CHECK(one.ingest_photos(options).num_added == 67);
  options.num_threads = 4;
  CHECK(four.ingest_photos(options).num_added == 67);
  CHECK(one.embedder.num_embedded() == four.embedder.num_embedded());
  const Catalog of_one = Catalog::open(one.catalog_path());
  const Catalog of_four = Catalog::open(four.catalog_path());
  const std::vector<std::string> pictures = test::pictures_by_id(of_one);
  CHECK(std::is_sorted(pictures.begin(), pictures.end()));
  CHECK(pictures == test::pictures_by_id(of_four));
  const auto without_paths = [](test::Content content) {
    for (auto& [key, value] : content) std::get<0>(value).clear();
    return content;
  };
  CHECK(without_paths(test::content_of(of_one)) == without_paths(test::content_of(of_four)));
}

TEST_CASE("a stopped run keeps what it has done and the next one does the rest") {
  Shop shop;
  fill(shop, 20);
  { const Catalog made = shop.open_or_create(); }
  IngestOptions options;
  options.commit_every = 3;
  options.should_stop = [&] { return num_committed(shop) >= 6; };
  const IngestReport stopped = shop.ingest_photos(options);
  CHECK(stopped.interrupted);
  CHECK(stopped.num_added == 6);
  CHECK(num_committed(shop) == 6);
  CHECK(counts(shop.ingest_photos()) == Counts{.added = 14, .unchanged = 6});
}

TEST_CASE("a stopped run removes nothing") {
  Shop shop;
  fill(shop, 6);
  shop.ingest_photos();
  std::filesystem::remove(shop.photos() / "shoes/101.png");
  shop.add_photo("new.png", 77);
  IngestOptions options;
  options.should_stop = [] { return true; };
  const IngestReport report = shop.ingest_photos(options);
  CHECK(report.interrupted);
  CHECK(report.num_removed == 0);
  CHECK(Catalog::open(shop.catalog_path()).stats().num_items == 6);
}

TEST_CASE("an exception of the caller's own leaves the last commit") {
  Shop shop;
  fill(shop, 12);
  {
    Catalog catalog = shop.open_or_create();
    IngestOptions options;
    options.commit_every = 5;
    options.should_stop = [&]() -> bool {
      if (num_committed(shop) == 5 && shop.embedder.num_embedded() > 6) throw std::runtime_error("power cut");
      return false;
    };
    CHECK_THROWS_AS(ingest(catalog, shop.embedder, list_folder(shop.photos()), options), std::runtime_error);
    CHECK(catalog.stats().num_items == 5);
  }
  CHECK(counts(shop.ingest_photos()) == Counts{.added = 7, .unchanged = 5});
}

TEST_CASE("progress ends with everything done") {
  Shop shop;
  fill(shop, 9);
  shop.folder.write("photos/bad.png", std::string_view("nothing"));
  IngestProgress last;
  IngestOptions options;
  options.on_progress = [&](const IngestProgress& progress) { last = progress; };
  shop.ingest_photos(options);
  CHECK(last.num_total == 10);
  CHECK(last.num_done == 10);
  CHECK(last.num_failed == 1);
  CHECK(last.num_unchanged == 0);
}

TEST_CASE("an embedder that did not make the catalogue is refused") {
  Shop shop;
  fill(shop, 1);
  shop.ingest_photos();
  Catalog catalog = shop.open_or_create();
  const auto refused = [&](auto&& change) {
    test::FakeEmbedder other;
    change(other.info_for_changes());
    try {
      ingest(catalog, other, list_folder(shop.photos()));
    } catch (const Error& error) {
      return error.code() == ErrorCode::kInvalidArgument;
    }
    return false;
  };
  CHECK(refused([](ModelInfo& info) { info.fingerprint[0] = 'f'; }));
  CHECK(refused([](ModelInfo& info) { info.code_bits = 128; }));
  CHECK(refused([](ModelInfo& info) { info.feature_dim = 128; }));
}

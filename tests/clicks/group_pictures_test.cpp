// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "clicks/marketplace.h"
#include "vitrine/click_groups.h"
#include "vitrine/error.h"

namespace vitrine::test {
namespace {

const std::string kHeader = "session,time,query,item,position,clicked\n";

ClickGroups group(const Marketplace& shop, const std::filesystem::path& log,
                  const GroupingOptions& options = {}, const GroupingCallbacks& callbacks = {}) {
  const std::vector<std::filesystem::path> logs = {log};
  return group_pictures(Catalog::open(shop.catalog_path()), logs, options, callbacks);
}

std::uint64_t dropped(const ClickGroups& groups, DropReason reason) {
  return groups.report.num_dropped[static_cast<std::size_t>(reason)];
}

/// "0" of ".../ip0-3.png" and of "p0-3".
std::string truth(const std::string& name) {
  return name.substr(name.rfind('p', name.rfind('-')) + 1, 1);
}

std::vector<std::string> names(const std::vector<ClickGroup>& groups) {
  std::vector<std::string> result;
  for (const ClickGroup& group : groups) {
    std::string text = group.name + ':';
    for (const GroupedPicture& picture : group.pictures) text += ' ' + picture.path.filename().string();
    result.push_back(text);
  }
  return result;
}

}  // namespace

TEST_CASE("groups bring back the products that noisy clicks are on, photos and listings alike") {
  const Marketplace shop;
  const std::filesystem::path log = shop.simulated_log(
      {.views_per_photo = 10, .continuation = 0.98, .missed = 0.2, .wrong_clicks = 0.2}, 40);
  const ClickGroups found = group(shop, log, {.validation_share = 0.5});
  INFO(Catch::StringMaker<std::vector<std::string>>::convert(names(found.groups)));
  CHECK(found.groups.size() == kProducts);
  std::set<std::string> seen;
  std::size_t num_pictures = 0, num_held_out = 0;
  for (const ClickGroup& one : found.groups) {
    CHECK(std::find(one.products.begin(), one.products.end(), one.name) != one.products.end());
    CHECK(seen.insert(truth(one.name)).second);
    for (const GroupedPicture& picture : one.pictures) {
      CHECK(truth(picture.path.string()) == truth(one.name));
      CHECK(picture.from_catalog == (picture.path.filename().string().front() == 'i'));
      if (picture.held_out) CHECK_FALSE(picture.from_catalog);
      num_held_out += picture.held_out ? 1 : 0;
    }
    num_pictures += one.pictures.size();
  }
  CHECK(num_pictures == kProducts * (kListings + kPhotos));
  CHECK(num_held_out > 4);
  CHECK(num_held_out < kProducts * kPhotos - 4);
  const GroupingReport& report = found.report;
  CHECK(report.num_pictures == num_pictures);
  CHECK(report.num_alone == 0);
  CHECK(report.photo_share == 1);
  CHECK(report.num_views == kProducts * kPhotos * 10);
  CHECK(report.grouped_pairs.num_right == report.grouped_pairs.num_known);
  CHECK(report.same_product_pairs.num_right == report.same_product_pairs.num_known);
  CHECK(report.clicked_pairs.num_right < report.clicked_pairs.num_known);
  CHECK(report.trials.size() > 4);
  CHECK(names(group(shop, log, {.validation_share = 0.5}).groups) == names(found.groups));
}

TEST_CASE("small logs are grouped by hand-computed rules, and what is left out is counted") {
  const Marketplace shop;
  const std::string a = shop.photo(0), b = shop.photo(1);
  const std::string own = (shop.folder / "ip2-0.png").string();
  const std::filesystem::path log = shop.folder.write(
      "log.csv", kHeader +                           //
                     "s,1," + a + ",p0-0,1,1\n" +    // a and p0-0 belong together
                     "s,1," + a + ",p1-0,2,0\n" +    // a and p1-0 do not
                     "s,1," + a + ",gone,3,1\n" +    //
                     "s,1," + a + ",p3-0,4,0\n" +    // the first below the last click
                     "s,1," + a + ",p4-0,5,0\n" +    // nobody looks here
                     "s,2," + b + ",p0-0,1,1\n" +    // b is of the group through p0-0
                     "s,2," + b + ",p0-1,2,1\n" +    // and brings p0-1
                     "s,3," + own + ",p2-0,1,1\n" +  // itself
                     "s,3," + own + ",p2-1,2,1\n" +  // a photo of the catalogue is its product
                     "s,4,none.jpg,p5-0,1,0\n");
  const ClickGroups found = group(shop, log, {.pass_weight = 1, .resolution = 0.5, .validation_share = 0});
  CHECK(names(found.groups) == std::vector<std::string>{"p0-0: ip0-0.png ip0-1.png qp0-0.png qp0-1.png",
                                                        "p2-0: ip2-0.png ip2-1.png"});
  CHECK(found.groups[0].products == std::vector<std::string>{"p0-0", "p0-1"});
  CHECK(dropped(found, DropReason::kUnknownItem) == 1);
  CHECK(dropped(found, DropReason::kNotExamined) == 1);
  CHECK(dropped(found, DropReason::kQueryItself) == 1);
  CHECK(dropped(found, DropReason::kNoClick) == 1);
  CHECK(found.report.num_clicked == 4);
  CHECK(found.report.num_passed == 2);
  CHECK(found.report.num_alone == 2);  // p1-0 and p3-0
  CHECK(found.report.trials.empty());
}

TEST_CASE("several pictures of a product on a page are seen once, clicked if any was") {
  Marketplace shop;
  Catalog catalog = shop.open_or_create();
  Item item = catalog.item(catalog.find({"p0-0", "1.png"}).value()).value();
  item.key.picture = "2.png";
  IngestSource source = list_catalog(catalog);
  source.entries.push_back(
      {item.key, (shop.folder / "ip0-1.png").string(), "fruit", R"({"role":"shop"})", {}});
  ingest(catalog, shop.embedder, source);
  const std::filesystem::path log =
      shop.folder.write("log.csv", kHeader + "s,1," + shop.photo(0) + ",p0-0/1.png,1,0\ns,1," +
                                       shop.photo(0) + ",p0-0/2.png,2,1\n");
  const ClickGroups found = group(shop, log, {.pass_weight = 1, .resolution = 0.5, .validation_share = 0});
  CHECK(found.report.num_clicked == 1);
  CHECK(found.report.num_passed == 0);
  REQUIRE(found.groups.size() == 1);
  REQUIRE(found.groups[0].pictures.size() == 3);
  CHECK(found.groups[0].pictures[1].attributes_json.find("shop") != std::string::npos);
  CHECK(found.groups[0].pictures[2].category == "fruit");  // the photo's, from the group's items
}

TEST_CASE("a log with more pairs than there is room for is sampled by photo, and says so") {
  const Marketplace shop;
  const std::filesystem::path log = shop.simulated_log({.views_per_photo = 10, .continuation = 0.98}, 40);
  const ClickGroups all = group(shop, log);
  const ClickGroups part = group(shop, log, {.max_pairs = all.report.num_pairs / 2});
  CHECK(part.report.photo_share < 1);
  CHECK(part.report.num_pairs <= all.report.num_pairs / 2);
  CHECK_FALSE(part.report.notes.empty());
}

TEST_CASE("logs without clicks or with one product, stopping, and wrong options") {
  const Marketplace shop;
  const std::string photo = shop.photo(0);
  const ClickGroups silent =
      group(shop, shop.folder.write("log.csv", kHeader + "s,1," + photo + ",p0-0,1,0\n"));
  CHECK(silent.groups.empty());
  CHECK(dropped(silent, DropReason::kNoClick) == 1);
  const ClickGroups single =
      group(shop, shop.folder.write("log.csv", kHeader + "s,1," + photo + ",p0-0,1,1\n"), {.resolution = 1});
  CHECK(single.groups.size() == 1);
  CHECK(group(shop, shop.simulated_log({}), {}, {.should_stop = [] { return true; }}).report.interrupted);
  CHECK_THROWS_AS(group(shop, shop.folder / "none.csv"), Error);
  CHECK_THROWS_AS(group(shop, shop.folder / "log.csv", {.pass_weight = -1}), Error);
  CHECK_THROWS_AS(group(shop, shop.folder / "log.csv", {.resolution = 0}), Error);
  CHECK_THROWS_AS(group(shop, shop.folder / "log.csv", {.validation_share = 1}), Error);
  CHECK_THROWS_AS(group(shop, shop.folder / "log.csv", {.max_pairs = 0}), Error);
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>

#include "clicks/marketplace.h"
#include "vitrine/clicks.h"
#include "vitrine/engine.h"
#include "vitrine/error.h"

namespace vitrine::test {
namespace {

MiningReport mine(const Marketplace& shop, const std::filesystem::path& log,
                  const MiningOptions& options = {}, const MiningCallbacks& callbacks = {}) {
  const std::vector<std::filesystem::path> logs = {log};
  return mine_triplets(Catalog::open(shop.catalog_path()), shop.embedder, logs, options, callbacks);
}

const std::string kHeader = "session,time,query,item,position,clicked\n";

std::uint64_t dropped(const MiningReport& report, DropReason reason) {
  return report.num_dropped[static_cast<std::size_t>(reason)];
}

}  // namespace

TEST_CASE("mining takes the noise out of a simulated log") {
  const Marketplace shop;
  const std::filesystem::path log =
      shop.simulated_log({.views_per_photo = 20, .continuation = 0.98, .missed = 0.2, .wrong_clicks = 0.2});
  std::vector<Triplet> triplets;
  std::uint64_t num_dropped = 0;
  const MiningReport report = mine(shop, log, {},
                                   {.on_triplet = [&](const Triplet& t) { triplets.push_back(t); },
                                    .on_dropped = [&](const Dropped&) { ++num_dropped; }});
  CHECK(report.num_views == kProducts * kPhotos * 20);
  CHECK(report.num_triplets == triplets.size());
  CHECK(report.num_triplets > 500);
  const auto share = [](const Purity& purity) {
    return static_cast<double>(purity.num_right) / static_cast<double>(purity.num_known);
  };
  CHECK(share(report.clicks_before) == Approx(0.8).margin(0.03));
  CHECK(share(report.clicks_after) == Approx(0.95).margin(0.03));
  CHECK(share(report.negatives_after) == Approx(0.97).margin(0.03));
  CHECK(static_cast<double>(report.clicks_after.num_known) >
        0.75 * static_cast<double>(report.clicks_before.num_known));
  std::uint64_t counted = 0;
  for (const std::uint64_t count : report.num_dropped) counted += count;
  CHECK(counted == num_dropped);
  for (const Triplet& triplet : triplets) {
    CHECK(triplet.positive == triplet.positive_product + "/1.png");
    CHECK_FALSE(triplet.negatives.empty());
    CHECK(triplet.weight >= 1);
    CHECK(triplet.weight <= 10);
  }
  CHECK(report.positions.size() == 16);
  CHECK(report.features == std::vector<std::string>{"fake", "colour layout"});
}

TEST_CASE("equal arguments give equal triplets, whatever the number of threads and the room in the cache") {
  const Marketplace shop;
  const std::filesystem::path log = shop.simulated_log({.views_per_photo = 10});
  const auto triplets_of = [&](unsigned num_threads, std::size_t cached_pictures) {
    std::vector<Triplet> triplets;
    mine(shop, log, {.cached_pictures = cached_pictures, .num_threads = num_threads},
         {.on_triplet = [&](const Triplet& t) { triplets.push_back(t); }});
    return triplets;
  };
  const std::vector<Triplet> expected = triplets_of(1, 1000);
  CHECK_FALSE(expected.empty());
  CHECK(triplets_of(3, 1000) == expected);
  CHECK(triplets_of(2, 3) == expected);
}

TEST_CASE("given thresholds are used, and what cannot be used is counted by reason") {
  const Marketplace shop;
  const std::string photo = shop.photo(0);  // of product 0
  const std::filesystem::path log = shop.folder.write(
      "log.csv", kHeader + "s,1," + photo + ",p0-0,1,1\n" +  // by product: its only picture
                     "s,1," + photo + ",gone/1.png,2,1\n" +  // unknown
                     "s,1," + photo + ",p3-0/1.png,3,0\n" +  // below the last click, the first one
                     "s,1," + photo + ",p4-0/1.png,4,0\n" +  // and the second one
                     "s,2,none.jpg,p0-0,1,1\n" +             // no such photo
                     "s,3," + photo + ",p4-0/1.png,1,1\n" +  // a wrong click
                     "s,3," + photo + ",p3-0/1.png,2,0\n" +  //
                     "s,4," + photo + ",p0-1,1,1\n" +        // right, but all else is of the product
                     "s,4," + photo + ",p0-2,2,0\n");
  std::vector<Triplet> triplets;
  const MiningReport report = mine(shop, log, {.epsilon = -0.3, .gamma = -0.3},
                                   {.on_triplet = [&](const Triplet& t) { triplets.push_back(t); }});
  CHECK(report.epsilon == -0.3);
  REQUIRE(triplets.size() == 1);
  CHECK(triplets[0].query == photo);
  CHECK(triplets[0].positive == "p0-0/1.png");
  CHECK(triplets[0].negatives == std::vector<std::string>{"p3-0/1.png"});
  CHECK(dropped(report, DropReason::kUnknownItem) == 1);
  CHECK(dropped(report, DropReason::kNotExamined) == 1);
  CHECK(dropped(report, DropReason::kUnreadableQuery) == 1);
  CHECK(dropped(report, DropReason::kClickTooFar) == 1);
  CHECK(dropped(report, DropReason::kNoPositive) == 1);
  CHECK(dropped(report, DropReason::kTooNear) == 1);
  CHECK(dropped(report, DropReason::kNoNegative) == 1);
}

TEST_CASE("too little to choose from is an error that says what to do") {
  const Marketplace shop;
  const std::filesystem::path log =
      shop.folder.write("log.csv", kHeader + "s,1," + shop.photo(0) + ",p0-0,1,1\n");
  try {
    mine(shop, log);
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInvalidArgument);
    CHECK(std::string(error.what()).find("expected at least 50 clicks") != std::string::npos);
    CHECK(std::string(error.what()).find("--epsilon") != std::string::npos);
  }
}

TEST_CASE("a log without clicks and one of a single product give no triplet and say why") {
  const Marketplace shop;
  const MiningReport silent =
      mine(shop, shop.folder.write("log.csv", kHeader + "s,1," + shop.photo(0) + ",p0-0,1,0\n"));
  CHECK(silent.num_triplets == 0);
  CHECK(silent.num_clicks == 0);
  CHECK(dropped(silent, DropReason::kNoClick) == 1);
  const MiningReport single =
      mine(shop, shop.folder.write("log.csv", kHeader + "s,1," + shop.photo(0) + ",p0-0,1,1\n"),
           {.epsilon = 0, .gamma = 0});
  CHECK(single.num_triplets == 0);
  CHECK(std::any_of(single.notes.begin(), single.notes.end(), [](const std::string& note) {
    return note.find("every item shown is of the product 'p0-0'") != std::string::npos;
  }));
}

TEST_CASE("stopping ends mining, and other models and wrong options are refused") {
  const Marketplace shop;
  const std::filesystem::path log = shop.simulated_log({.views_per_photo = 2});
  const MiningReport report = mine(shop, log, {}, {.should_stop = [] { return true; }});
  CHECK(report.interrupted);
  CHECK(report.num_triplets == 0);
  CHECK_THROWS_AS(mine(shop, log, {.positive_purity = 1}), Error);
  CHECK_THROWS_AS(mine(shop, log, {.max_weight = 0.5}), Error);
  FakeEmbedder other;
  other.info_for_changes().fingerprint = "ffffffffffffffffffffffffffffffff";
  const std::vector<std::filesystem::path> logs = {log};
  CHECK_THROWS_AS(mine_triplets(Catalog::open(shop.catalog_path()), other, logs, {}, {}), Error);
}

TEST_CASE("a photo that is in the catalogue is no item of its own page") {
  const Marketplace shop;
  const std::string own = (shop.folder / "ip0-0.png").string();
  const MiningReport report =
      mine(shop,
           shop.folder.write("log.csv", kHeader + "s,1," + own + ",p0-0,1,1\ns,1," + own + ",p0-1,2,1\ns,1," +
                                            own + ",p3-0,3,0\n"),
           {.epsilon = 0, .gamma = -3});
  CHECK(dropped(report, DropReason::kQueryItself) == 1);
  CHECK(report.num_triplets == 1);
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include "vitrine/train_ranker.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <functional>
#include <memory>
#include <random>

#include "engine/shop.h"
#include "vitrine/catalog_ranker.h"
#include "vitrine/click_log.h"
#include "vitrine/engine.h"
#include "vitrine/error.h"

using namespace vitrine;
using test::FakeEmbedder;
using test::Shop;

namespace {

constexpr std::uint32_t kNumItems = 60;

/// Items with sales, which users look for, and stock, which they do not know. Photos are those of the items.
struct ClickedShop : Shop {
  ClickedShop() {
    for (std::uint32_t i = 0; i < kNumItems; ++i) add_photo(std::to_string(100 + i) + ".png", i);
    IngestSource source = list_folder(photos());
    for (std::size_t i = 0; i < source.entries.size(); ++i) {
      source.entries[i].quality = {
          {"sales", sales(i)}, {"stock", static_cast<double>(i * 37 % 60)}, {"currency", 978}};
      keys.push_back(source.entries[i].key.product + '/' + source.entries[i].key.picture);
    }
    ingest_source(source);
  }

  static double sales(std::size_t item) { return static_cast<double>(item * 17 % kNumItems); }
  Catalog catalog() const { return Catalog::open(catalog_path()); }

  /// Pages of ten other items in any order. Users look at `num_seen` of them and click those that sell, now
  /// and then.
  std::filesystem::path write_log(const std::string& name, std::size_t num_views, double click_rate = 0.6,
                                  std::size_t num_seen = 10, bool buys = false) const {
    std::mt19937 random(5);
    const auto uniform = [&] { return static_cast<double>(random()) / 4294967296.0; };
    ClickLogWriter log(folder / name);
    for (std::size_t v = 0; v < num_views; ++v) {
      PageView view;
      view.session = "s" + std::to_string(v / 3);
      view.time_s = static_cast<double>(v);
      view.query = (photos() / (std::to_string(100 + v % kNumItems) + ".png")).string();
      for (std::size_t i = 0; i < 10; ++i) {
        const std::size_t item = (v + 1 + random() % (kNumItems - 1)) % kNumItems;
        const double chance = click_rate * sales(item) / kNumItems;
        const bool clicked = i < num_seen && uniform() < chance;
        view.items.push_back({keys[item], i + 1, clicked});
        // Bought is what does not sell, to tell the two targets apart.
        if (buys) view.items.back().bought = clicked && uniform() < 1 - sales(item) / kNumItems;
      }
      log.write(view);
    }
    log.close();
    return folder / name;
  }

  TrainedRanker train(const std::filesystem::path& log, const TrainRankerOptions& options = {}) const {
    return train_ranker(catalog(), embedder, std::span(&log, 1), options);
  }

  std::vector<std::string> keys;
};

double quality_at(const QualityRanker& ranker, double sales) {
  std::vector<RankerInput> page(9, {0.5, 0.3, {30.0, 30.0}});
  page[0].values[0] = sales;
  for (std::size_t i = 1; i < page.size(); ++i) page[i].values[0] = static_cast<double>(7 * i);
  return ranker.judge(page).front().probability;
}

std::string refusal(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code() == ErrorCode::kInvalidArgument ? error.what() : "another code";
  }
  return "nothing";
}

}  // namespace

TEST_CASE("a ranker learns from clicks which column matters") {
  const ClickedShop shop;
  const TrainedRanker trained = shop.train(shop.write_log("clicks.csv", 3000));
  CHECK(trained.report.num_views == 3000);
  CHECK(trained.report.target == RankerTarget::kClick);
  CHECK(trained.report.num_held_back_views > 400);
  CHECK(trained.report.num_held_back_views < 800);
  CHECK(trained.report.loss < trained.report.base_loss);
  CHECK(trained.report.importances.front().feature == "sales");
  REQUIRE(trained.report.unused.size() == 1);
  CHECK(trained.report.unused.front().name == "currency");
  CHECK(quality_at(trained.ranker, 55) > 2 * quality_at(trained.ranker, 5));
  // The truth is 0.6 x 55 / 60.
  CHECK(quality_at(trained.ranker, 55) == Approx(0.55).margin(0.12));
}

TEST_CASE("items that nobody looks at are no reason against their columns") {
  const ClickedShop shop;
  const TrainedRanker all = shop.train(shop.write_log("all.jsonl", 3000));
  const TrainedRanker half = shop.train(shop.write_log("half.jsonl", 3000, 0.6, 5));
  CHECK(half.report.examination.at(4) > 0.8);
  CHECK(half.report.examination.at(8) < 0.05);
  CHECK(quality_at(half.ranker, 55) == Approx(quality_at(all.ranker, 55)).margin(0.1));
}

TEST_CASE("where a log tells of purchases, these are learned unless clicks are asked for") {
  const ClickedShop shop;
  const auto log = shop.write_log("bought.csv", 3000, 0.9, 10, true);
  const TrainedRanker bought = shop.train(log);
  CHECK(bought.report.target == RankerTarget::kPurchase);
  CHECK(bought.ranker.target() == RankerTarget::kPurchase);
  const TrainedRanker clicked = shop.train(log, {.target = RankerTarget::kClick});
  CHECK(clicked.report.num_positives > bought.report.num_positives);
  CHECK(quality_at(clicked.ranker, 57) > quality_at(clicked.ranker, 30));
  CHECK(quality_at(bought.ranker, 57) < quality_at(bought.ranker, 30));
}

TEST_CASE("equal arguments train equal rankers, other seeds others") {
  const ClickedShop shop;
  const auto log = shop.write_log("clicks.csv", 400);
  const auto bytes = [&](std::uint64_t seed, unsigned threads) {
    return shop.train(log, {.seed = seed, .num_threads = threads}).ranker.to_bytes();
  };
  CHECK(bytes(1, 1) == bytes(1, 3));
  CHECK(bytes(1, 1) != bytes(2, 1));
}

TEST_CASE("logs that teach nothing are refused with a reason") {
  const ClickedShop shop;
  const auto log = shop.write_log("clicks.csv", 300);
  const auto with = [&](const std::filesystem::path& file, const TrainRankerOptions& options = {}) {
    return refusal([&] { shop.train(file, options); });
  };
  CHECK(with(log) == "nothing");
  CHECK(with(log, {.columns = {"sale"}}).find("no numeric column 'sale'; similar ones: 'sales'") !=
        std::string::npos);
  CHECK(with(log, {.columns = {"sales", "stock", "sales"}}).find("each column once") != std::string::npos);
  CHECK(with(log, {.columns = {"currency"}}).find("'currency' is the same for all items") !=
        std::string::npos);
  CHECK(with(log, {.target = RankerTarget::kPurchase}).find("have no purchase") != std::string::npos);
  CHECK(with(log, {.held_back_share = 1}).find("held_back_share") != std::string::npos);
  CHECK(with(shop.write_log("none.csv", 300, 0)).find("have no click") != std::string::npos);
  CHECK(with(shop.write_log("empty.csv", 0)).find("the logs have no page view") != std::string::npos);
  {
    ClickLogWriter writer(shop.folder / "foreign.csv");
    writer.write({.session = "s", .query = "a.png", .items = {{"unknown/1", 1, true}}});
    writer.close();
  }
  CHECK(with(shop.folder / "foreign.csv").find("has none of the 1 items") != std::string::npos);
  {
    ClickLogWriter writer(shop.folder / "blind.csv");
    writer.write({.session = "s", .query = "gone.png", .items = {{shop.keys[7], 1, true}}});
    writer.close();
  }
  const std::string blind = with(shop.folder / "blind.csv");
  CHECK(blind.find("none of the photos can be read; ") != std::string::npos);
  CHECK(blind.find("gone.png: cannot open '") != std::string::npos);
  {
    ClickLogWriter writer(shop.folder / "all.csv");
    const std::string photo = (shop.photos() / "100.png").string();
    for (int i = 0; i < 50; ++i)
      writer.write({.session = std::to_string(i), .query = photo, .items = {{shop.keys[7], 1, true}}});
    writer.close();
  }
  CHECK(with(shop.folder / "all.csv").find("have a click for every item") != std::string::npos);
}

TEST_CASE("a search uses the ranker that the catalogue keeps, and keeps to its bound") {
  const ClickedShop shop;
  const auto engine = [&] { return Engine::open(shop.catalog_path(), std::make_shared<FakeEmbedder>()); };
  const Image photo = test::seeded_picture(1000);
  SearchOptions options{.k = 10, .quality = QualityRanking{.strength = 0.2, .use_trained = true}};
  CHECK(refusal([&] { engine().search(photo, options); }).find("has no trained ranker") != std::string::npos);

  const TrainedRanker trained = shop.train(shop.write_log("clicks.csv", 2000));
  {
    Catalog catalog = shop.open_or_create();
    store_quality_ranker(catalog, trained.ranker);
    catalog.commit();
  }
  const std::vector<Hit> hits = engine().search(photo, options).hits;
  REQUIRE(hits.size() == 10);
  bool any_moved = false;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    const HitQuality& quality = hits[i].quality.value();
    any_moved = any_moved || quality.similarity_rank != i + 1;
    CHECK(quality.rank_score == Approx(hits[i].score + 0.2 * quality.quality));
    CHECK(quality.target == RankerTarget::kClick);
    REQUIRE(quality.parts.size() == 5);
    CHECK(quality.parts[0].column == "similarity");
    CHECK(quality.parts[0].value == Approx(hits[i].cosine));
    CHECK(quality.parts[3].column == "sales");
    double log_odds = trained.ranker.base_log_odds();
    for (const HitQualityPart& part : quality.parts) log_odds += part.contribution.value();
    CHECK(1 / (1 + std::exp(-log_odds)) == Approx(quality.probability.value()));
    for (std::size_t j = 0; j < i; ++j) CHECK(hits[j].score >= hits[i].score - 0.2);
  }
  CHECK(any_moved);

  options.quality->columns = {{"sales", 1}};
  CHECK(refusal([&] { engine().search(photo, options); }).find("exclude each other") != std::string::npos);
  // A catalogue whose columns are others: the ranker must not guess.
  QualityRanker::Parts foreign;
  foreign.scales = {{"sells", {0, 1}}};
  {
    Catalog catalog = shop.open_or_create();
    store_quality_ranker(catalog, QualityRanker(foreign));
    catalog.commit();
  }
  options.quality->columns.clear();
  CHECK(refusal([&] { engine().search(photo, options); })
            .find("train the ranker anew: the catalogue has no numeric column 'sells'; similar ones: "
                  "'sales'") != std::string::npos);
}

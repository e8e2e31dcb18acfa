// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "engine/shop.h"
#include "vitrine/catalog_scores.h"
#include "vitrine/error.h"

using namespace vitrine;
using test::FakeEmbedder;
using test::Shop;

namespace {

/// Twelve products of three pictures; two of the three have the same colours.
struct PairedShop : Shop {
  PairedShop() {
    IngestSource source;
    for (std::uint32_t product = 0; product < 12; ++product) {
      for (std::uint32_t picture = 0; picture < 3; ++picture) {
        const std::string name = std::to_string(product) + "-" + std::to_string(picture) + ".png";
        IngestEntry entry;
        entry.path = add_photo(name, product * 10 + picture / 2);
        entry.key = {"product " + std::to_string(product), name};
        source.entries.push_back(std::move(entry));
      }
    }
    ingest_source(source);
  }
  Engine engine() const { return Engine::open(catalog_path(), std::make_shared<FakeEmbedder>()); }
};

}  // namespace

TEST_CASE("scores calibrated on the catalogue's own items are kept in it and told by searches") {
  const PairedShop shop;
  const Image photo = test::seeded_picture(31);
  CHECK_FALSE(shop.engine().search(photo).hits.front().probability);
  FitScoresOptions options;
  options.num_hits = 5;
  const CatalogScoreFit fit = fit_scores(shop.engine(), options);
  CHECK(fit.num_queries == 36);
  CHECK(fit.num_same > 0);
  CHECK(fit.num_same < fit.calibration.num_pairs());
  CHECK(fit.failures.empty());
  {
    Catalog catalog = Catalog::open(shop.catalog_path(), Catalog::Mode::kReadWrite);
    store_score_calibration(catalog, fit.calibration);
    catalog.commit();
  }
  const SearchResult result = shop.engine().search(photo);
  double before = 1;
  for (const Hit& hit : result.hits) {
    REQUIRE(hit.probability);
    CHECK(*hit.probability == Approx(fit.calibration.probability(hit.cosine)));
    CHECK(*hit.probability <= before);
    before = *hit.probability;
  }
}

TEST_CASE("the first product and those behind it have probabilities of their own, once they were fitted") {
  const PairedShop shop;
  FitScoresOptions options;
  options.num_hits = 5;
  const CatalogScoreFit fit = fit_scores(shop.engine(), options);
  const ProductScoreFit& products = fit.products;
  // Hits that are the very picture do not count.
  CHECK(products.first.num_hits > 20);
  CHECK(products.first.num_hits <= 36);
  CHECK(products.behind.num_hits == 36 * 4);
  CHECK(products.all.num_hits == products.first.num_hits + products.behind.num_hits);
  CHECK(products.all.num_same == products.first.num_same + products.behind.num_same);
  const auto share_right = [](const ScoreReliability& hits) {
    return static_cast<double>(hits.num_same) / static_cast<double>(hits.num_hits);
  };
  CHECK(share_right(products.first) > 2 * share_right(products.behind));
  const auto store = [&](const auto& keep) {
    Catalog catalog = Catalog::open(shop.catalog_path(), Catalog::Mode::kReadWrite);
    keep(catalog);
    catalog.commit();
  };
  const auto check = [&](const auto& probability) {
    const auto hits = shop.engine().search(test::seeded_picture(31), {.k = 4, .group_by_product = true}).hits;
    REQUIRE(hits.size() == 4);
    for (const Hit& hit : hits) CHECK(hit.probability.value() == Approx(probability(hit)));
  };
  store([&](Catalog& catalog) { store_score_calibration(catalog, fit.calibration); });
  // As in catalogues of before.
  check([&](const Hit& hit) { return fit.calibration.probability(hit.cosine); });
  const ProductScoreCalibration told{ScoreCalibration(1, 1, 0, 9), ScoreCalibration(1, 1, -2, 9)};
  store([&](Catalog& catalog) { store_product_score_calibration(catalog, told); });
  check([&](const Hit& hit) { return (hit.rank == 1 ? told.first : told.behind).probability(hit.cosine); });
  for (const Hit& hit : shop.engine().search(test::seeded_picture(31)).hits)
    CHECK(hit.probability.value() == Approx(fit.calibration.probability(hit.cosine)));
  // An order by quality does not make another product the most similar one.
  store([&](Catalog& catalog) {
    for (const ItemId id : catalog.items_of("product 5")) {
      Item item = catalog.item(id).value();
      item.quality["sales"] = 1;
      catalog.update_metadata(id, item);
    }
    for (const ItemId id : catalog.items_of("product 6")) {
      Item item = catalog.item(id).value();
      item.quality["sales"] = 0;
      catalog.update_metadata(id, item);
    }
  });
  SearchOptions by_sales{.k = 12, .group_by_product = true};
  by_sales.quality = QualityRanking{.columns = {{"sales", 1}}, .strength = 1};
  for (const Hit& hit : shop.engine().search(test::seeded_picture(31), by_sales).hits) {
    const bool is_first = hit.quality.value().similarity_rank == 1;
    CHECK(hit.probability.value() == Approx((is_first ? told.first : told.behind).probability(hit.cosine)));
  }
}

TEST_CASE("scores are calibrated on photos, and those that say nothing are counted") {
  const PairedShop shop;
  const auto entry = [&](const std::string& name, std::uint32_t seed, const std::string& product) {
    IngestEntry photo;
    photo.path = shop.folder.write(name, encode_png(test::seeded_picture(seed))).string();
    photo.key.product = product;
    return photo;
  };
  std::vector<IngestEntry> photos = {entry("a.png", 500, "product 1"), entry("b.png", 501, "product 2"),
                                     entry("c.png", 502, "product 3"),
                                     entry("d.png", 503, "no such product")};
  photos.push_back(photos.front());
  photos.back().path += ".gone";
  const CatalogScoreFit fit = fit_scores(shop.engine(), photos);
  CHECK(fit.num_queries == 3);
  CHECK(fit.failures.size() == 2);
  CHECK(fit.calibration.num_pairs() == 60);
  CHECK_THROWS_WITH(fit_scores(shop.engine(), std::span(&photos[3], 1)), Catch::Contains("none of 1 photos"));
}

TEST_CASE("a damaged calibration is no reason not to search") {
  const PairedShop shop;
  {
    Catalog catalog = Catalog::open(shop.catalog_path(), Catalog::Mode::kReadWrite);
    const std::vector<std::byte> damage(9);
    catalog.set_blob("score-calibration", damage);
    catalog.commit();
    CHECK_THROWS_AS(stored_score_calibration(catalog), Error);
  }
  CHECK_FALSE(shop.engine().search(test::seeded_picture(31)).hits.front().probability);
}

TEST_CASE("a catalogue with one picture a product cannot calibrate scores by itself") {
  Shop shop;
  shop.add_photo("a.png", 1);
  shop.add_photo("b.png", 2);
  shop.ingest_photos();
  const Engine engine = Engine::open(shop.catalog_path(), std::make_shared<FakeEmbedder>());
  CHECK_THROWS_WITH(fit_scores(engine), Catch::Contains("no product has two pictures"));
}

// SPDX-License-Identifier: MIT
#include "vitrine/catalog_categories.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "engine/shop.h"
#include "vitrine/engine.h"
#include "vitrine/error.h"
#include "vitrine/search_index.h"

using namespace vitrine;
using test::FakeEmbedder;
using test::Shop;

namespace {

using Names = std::vector<std::string>;

enum Colour { kRed, kGreen, kBlue };

/// A picture of nearly one colour.
Image coloured_picture(Colour colour, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 8 * 8; ++i) {
    for (int channel = 0; channel < 3; ++channel) {
      const bool is_main = channel == static_cast<int>(colour);
      pixels.push_back(static_cast<std::uint8_t>((is_main ? 200 : 20) + random() % 40));
    }
  }
  return Image(8, 8, std::move(pixels));
}

/// Twelve items each of red, green and blue, in categories of these names.
struct ColourShop : Shop {
  ColourShop() { add_colours({"red", "green", "blue"}); }
  explicit ColourShop(const Names& categories) { add_colours(categories); }

  void add_colours(const Names& categories) {
    IngestSource source;
    for (std::uint32_t i = 0; i < 12 * categories.size(); ++i) {
      const std::size_t colour = i % categories.size();
      const std::string name = std::to_string(100 + i) + ".png";
      const auto path =
          folder.write("photos/" + name, encode_png(coloured_picture(static_cast<Colour>(colour), i)));
      source.entries.push_back({{name, name}, path.string(), categories[colour], "{}", {}});
    }
    ingest_source(source);
  }

  IngestEntry photo(Colour colour, std::uint32_t seed, const std::string& category) const {
    const auto path = folder.write("queries/" + category + std::to_string(seed) + ".png",
                                   encode_png(coloured_picture(colour, seed)));
    return {{}, path.string(), category, "{}", {}};
  }

  /// Fits on the items, keeps the result and returns it.
  CategoryFitReport fit(const FakeEmbedder& model = FakeEmbedder()) const {
    Catalog catalog = open_or_create();
    const CategoryFitReport report = fit_categories(catalog, model).report;
    store_category_fusion(catalog, report.fusion);
    catalog.commit();
    return report;
  }
  Engine engine(const Names& model_categories = {}) const {
    return Engine::open(catalog_path(), std::make_shared<FakeEmbedder>(model_categories));
  }
};

Names categories_of(const std::vector<Hit>& hits) {
  Names names;
  for (const Hit& hit : hits) names.push_back(hit.category);
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace

TEST_CASE("a fit on the catalogue's own items is kept in it") {
  const ColourShop shop;
  CHECK_FALSE(stored_category_fusion(Catalog::open(shop.catalog_path())));
  const CategoryFitReport report = shop.fit();
  CHECK(report.num_used == 36);
  CHECK(report.search_accuracy == 1);
  CHECK(report.fused_accuracy == 1);
  const auto stored = stored_category_fusion(Catalog::open(shop.catalog_path()));
  REQUIRE(stored);
  CHECK(stored->to_bytes() == report.fusion.to_bytes());
}

TEST_CASE("the model is asked about the items where it knows their categories") {
  const ColourShop shop;
  const FakeEmbedder model({"red", "other"});  // says red for red pictures, 0.8
  const CategoryFitReport report = shop.fit(model);
  CHECK(report.model_accuracy == Approx(1.0 / 3));
  CHECK(model.num_embedded() == 36);
  const FakeEmbedder stranger({"cat", "dog"});
  shop.fit(stranger);
  CHECK(stranger.num_embedded() == 0);
}

TEST_CASE("a fit on photos counts those that can be read, and none votes for itself") {
  const ColourShop shop;
  const Catalog catalog = Catalog::open(shop.catalog_path());
  std::vector<IngestEntry> photos = {shop.photo(kRed, 900, "red"),
                                     shop.photo(kBlue, 901, "blue"),
                                     {{}, (shop.folder / "missing.png").string(), "red", "{}", {}},
                                     shop.photo(kRed, 902, "")};
  const CatalogCategoryFit fit = fit_categories(catalog, FakeEmbedder(), photos);
  CHECK(fit.report.num_used == 2);
  CHECK(fit.report.search_accuracy == 1);
  REQUIRE(fit.failures.size() == 1);
  CHECK(fit.failures[0].path.ends_with("missing.png"));

  // Two items, each of a category of its own: without itself, each has only the other one's vote.
  const ColourShop pair(Names{"red"});
  IngestSource source;
  for (std::uint32_t i = 0; i < 2; ++i) {
    const auto path = pair.photo(kGreen, 50 + i, i == 0 ? "one" : "two");
    source.entries.push_back({{"p", std::to_string(i)}, path.path, path.category, "{}", {}});
  }
  pair.ingest_source(source);
  const auto own = fit_categories(Catalog::open(pair.catalog_path()), FakeEmbedder(), source.entries);
  CHECK(own.report.search_accuracy == 0);
  const auto items = fit_categories(Catalog::open(pair.catalog_path()), FakeEmbedder());
  CHECK(items.report.num_used == 2);
  CHECK(items.report.search_accuracy == 0);
}

TEST_CASE("a search keeps to the likely categories once a fusion was fitted") {
  const ColourShop shop;
  const Image query = coloured_picture(kGreen, 500);
  const SearchResult before = shop.engine().search(query, {.k = 12});
  CHECK(before.searched_categories.empty());
  shop.fit();
  const Engine engine = shop.engine();
  const SearchResult result = engine.search(query, {.k = 12});
  CHECK(result.searched_categories == Names{"green"});
  CHECK(categories_of(result.hits) == Names{"green"});
  REQUIRE_FALSE(result.categories.empty());
  CHECK(result.categories[0].name == "green");
  CHECK(result.search_categories[0].name == "green");
  CHECK(result.model_categories.empty());
  for (std::size_t i = 0; i < result.hits.size(); ++i) CHECK(result.hits[i].rank == i + 1);

  const SearchResult all = engine.search(query, {.k = 36, .category_mass = 1});
  CHECK(all.searched_categories.empty());
  CHECK(all.hits.size() == 36);
  const SearchResult other = engine.search(query, {.k = 12, .categories = {"blue"}});
  CHECK(other.searched_categories.empty());
  CHECK(categories_of(other.hits) == Names{"blue"});
}

TEST_CASE("where the likely categories have fewer than k items, all are searched") {
  const ColourShop shop;
  shop.fit();
  const SearchResult result = shop.engine().search(coloured_picture(kGreen, 500), {.k = 13});
  CHECK(result.hits.size() == 13);
  CHECK(result.searched_categories.empty());
}

TEST_CASE("a likely category whose items are not among the candidates is searched by itself") {
  const ColourShop shop;
  // Votes are few and equal, so the model decides: what it takes for red is red, whatever its neighbours are.
  Catalog catalog = shop.open_or_create();
  CategoryFusion fusion;
  fusion.alpha = 1;
  store_category_fusion(catalog, fusion);
  catalog.commit();
  const Engine engine = shop.engine({"green", "blue", "red"});
  Embedding query = shop.embedder.embed(std::vector{coloured_picture(kBlue, 3)}).front();
  query.category_probabilities = {0, 0, 1};
  // Two candidates of 30 voters are red at most: a second search finds the others.
  const SearchResult result = engine.search(query, {.k = 12, .rerank_candidates = 12});
  CHECK(result.searched_categories == Names{"red"});
  CHECK(result.hits.size() == 12);
  CHECK(categories_of(result.hits) == Names{"red"});
}

TEST_CASE(
    "a search that compares all codes lets lists vote first, and compares those of the likely categories") {
  const ColourShop shop;
  shop.fit();
  {
    const Catalog catalog = shop.open_or_create();
    refresh_search_index(catalog, {.form_lists_anew = true});
  }
  const Engine engine = shop.engine();
  const Image query = coloured_picture(kGreen, 500);
  const auto ids = [](const SearchResult& result) {
    std::vector<ItemId> found;
    for (const Hit& hit : result.hits) found.push_back(hit.id);
    return found;
  };
  for (const std::size_t rerank : {std::size_t{0}, std::size_t{200}}) {
    const SearchResult exact =
        engine.search(query, {.k = 12, .rerank_candidates = rerank, .target_recall = 1});
    CHECK(exact.searched_categories == Names{"green"});
    CHECK(ids(exact) ==
          ids(engine.search(
              query, {.k = 12, .categories = {"green"}, .rerank_candidates = rerank, .target_recall = 1})));
    // More than the category has: all.
    const SearchResult many =
        engine.search(query, {.k = 20, .rerank_candidates = rerank, .target_recall = 1});
    CHECK(many.searched_categories.empty());
    CHECK(ids(many) ==
          ids(engine.search(query,
                            {.k = 20, .category_mass = 1, .rerank_candidates = rerank, .target_recall = 1})));
  }
}

TEST_CASE("conditions and restrictions by likely category hold together") {
  const ColourShop shop;
  shop.fit();
  const SearchResult result =
      shop.engine().search(coloured_picture(kGreen, 500), {.k = 3, .where = "product < '120.png'"});
  CHECK(result.searched_categories == Names{"green"});
  for (const Hit& hit : result.hits) CHECK(hit.product < "120.png");
}

TEST_CASE("items without a category are always searched") {
  const ColourShop shop(Names{"red", "", "blue"});
  shop.fit();
  const SearchResult result = shop.engine().search(coloured_picture(kRed, 500), {.k = 20});
  CHECK(result.searched_categories == Names{"red"});
  CHECK(categories_of(result.hits) == Names{"", "red"});
}

TEST_CASE("a model category without items does not restrict the search") {
  const ColourShop shop;
  Catalog catalog = shop.open_or_create();
  CategoryFusion fusion;
  fusion.alpha = 1;
  store_category_fusion(catalog, fusion);
  catalog.commit();
  Embedding query = shop.embedder.embed(std::vector{coloured_picture(kBlue, 3)}).front();
  query.category_probabilities = {0.995F, 0.005F};
  const SearchResult result = shop.engine({"yellow", "blue"}).search(query, {.k = 3});
  CHECK(result.categories[0].name == "yellow");
  CHECK(result.searched_categories.empty());
}

TEST_CASE("one category, or none, restricts nothing") {
  const ColourShop one(Names{"red"});
  one.fit();
  CHECK(one.engine().search(coloured_picture(kRed, 500), {.k = 3}).searched_categories.empty());

  const ColourShop none(Names{"", ""});
  try {
    none.fit();
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kInvalidArgument);
    CHECK(std::string(error.what()).find("none has a category") != std::string::npos);
  }
  CHECK(none.engine().search(coloured_picture(kRed, 500), {.k = 3}).categories.empty());
}

TEST_CASE("categories added after the fit are predicted, and what changed is told") {
  const ColourShop shop;
  shop.fit();
  CHECK(category_changes(*stored_category_fusion(Catalog::open(shop.catalog_path())),
                         Catalog::open(shop.catalog_path()))
            .added.empty());
  // The blue items now have another name.
  ColourShop changed;
  changed.fit();
  changed.add_colours({"red", "green", "navy"});
  const Catalog catalog = Catalog::open(changed.catalog_path());
  const CategoryChanges changes = category_changes(*stored_category_fusion(catalog), catalog);
  CHECK(changes.added == Names{"navy"});
  CHECK(changes.gone == Names{"blue"});
  const SearchResult result = changed.engine().search(coloured_picture(kBlue, 500), {.k = 5});
  CHECK(result.categories[0].name == "navy");
  CHECK(result.searched_categories == Names{"navy"});
}

TEST_CASE("a damaged fusion is reported and does not keep anybody from searching") {
  const ColourShop shop;
  shop.fit();
  {
    Catalog catalog = shop.open_or_create();
    auto bytes = catalog.blob("category-fusion").value();
    bytes.back() ^= std::byte{1};
    catalog.set_blob("category-fusion", bytes);
    catalog.commit();
    CHECK_THROWS_AS(stored_category_fusion(catalog), Error);
  }
  const SearchResult result = shop.engine().search(coloured_picture(kGreen, 500), {.k = 5});
  CHECK(result.hits.size() == 5);
  CHECK(result.searched_categories.empty());
}

TEST_CASE("a photo is classified on every level of the names") {
  const ColourShop shop(Names{"warm/red", "cold/green", "cold/blue"});
  shop.fit();
  const Engine engine = shop.engine({"warm/red", "other"});
  const Classification leaf = engine.classify(coloured_picture(kBlue, 700));
  CHECK(leaf.is_fitted);
  CHECK(leaf.search[0].name == "cold/blue");
  CHECK(leaf.model[0].name == "other");
  CHECK(leaf.fused[0].name == "cold/blue");
  const Classification top = engine.classify(coloured_picture(kBlue, 700), {.limit = 1, .level = 1});
  REQUIRE(top.search.size() == 1);
  CHECK(top.search[0].name == "cold");
  CHECK(top.search[0].probability >= leaf.search[0].probability);
}

TEST_CASE("a category mass that is no probability is refused") {
  const ColourShop shop;
  const Engine engine = shop.engine();
  CHECK_THROWS_AS(engine.search(coloured_picture(kRed, 1), {.category_mass = 1.5}), Error);
  CHECK_THROWS_AS(engine.search(coloured_picture(kRed, 1), {.category_mass = -0.1}), Error);
}

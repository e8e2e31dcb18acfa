// SPDX-License-Identifier: MIT
#include "vitrine/binarized_embedder.h"

#include <catch2/catch.hpp>
#include <random>

#include "engine/shop.h"
#include "vitrine/engine.h"
#include "vitrine/error.h"
#include "vitrine/ingest.h"

using namespace vitrine;
using test::FakeEmbedder;
using test::kFakeDim;
using test::Shop;

namespace {

Binarizer medians(std::size_t dim, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::vector<float> features(40 * dim);
  for (float& value : features) value = static_cast<float>(random() % 1000) / 5000;
  return Binarizer::train(features, dim, {.method = BinarizerMethod::kMedian, .code_bits = 64});
}

CatalogIdentity identity_of(const ModelInfo& model) {
  return {model.fingerprint, model.name, model.code_bits, model.feature_dim};
}

}  // namespace

TEST_CASE("a catalogue made with a binarizer is searched with the one it keeps") {
  Shop shop;
  for (std::uint32_t i = 0; i < 12; ++i) shop.add_photo(std::to_string(i) + ".png", i);
  const auto network = std::make_shared<FakeEmbedder>();
  const Binarizer binarizer = medians(kFakeDim, 1);
  const auto embedder = with_binarizer(network, binarizer);
  CHECK(embedder->info().fingerprint != network->info().fingerprint);
  CHECK(embedder->info().fingerprint != with_binarizer(network, medians(kFakeDim, 2))->info().fingerprint);
  const Image photo = test::seeded_picture(3);
  const Embedding made = embedder->embed({&photo, 1}).at(0);
  CHECK(made.code == binarizer.apply(made.feature));
  {
    Catalog catalog = Catalog::create(shop.catalog_path(), identity_of(embedder->info()));
    store_binarizer(catalog, binarizer);
    CHECK(ingest(catalog, *embedder, list_folder(shop.photos())).num_added == 12);
    CHECK_THROWS_AS(store_binarizer(catalog, binarizer), Error);
  }
  const auto stored = stored_binarizer(Catalog::open(shop.catalog_path()));
  REQUIRE(stored);
  CHECK(stored->to_bytes() == binarizer.to_bytes());
  const Engine engine = Engine::open(shop.catalog_path(), with_binarizer(network, *stored));
  const SearchResult result = engine.search(photo, {.k = 1});
  CHECK(result.hits.at(0).picture.find('3') != std::string::npos);
  CHECK(result.hits[0].hamming == 0);
  CHECK_THROWS_AS(Engine::open(shop.catalog_path(), network), Error);
  // An engine that loads the network by itself uses the binarizer that the catalogue keeps.
  EngineOptions options;
  options.model = shop.folder.write("net", "of another kind");
  options.load = [&](const std::filesystem::path&, Precision) { return network; };
  const Engine loading = Engine::open(shop.catalog_path(), options);
  CHECK(loading.search(photo, {.k = 1}).hits.at(0).hamming == 0);
}

TEST_CASE("a binarizer is learned from some pictures of a source") {
  Shop shop;
  for (std::uint32_t i = 0; i < 70; ++i) shop.add_photo(std::to_string(i) + ".png", i);
  shop.folder.write("photos/broken.png", "no picture");
  const FakeEmbedder network;
  const IngestSource source = list_folder(shop.photos());
  const Binarizer binarizer = learn_binarizer(network, source);
  CHECK(binarizer.method() == BinarizerMethod::kItq);
  CHECK(binarizer.code_bits() == 64);
  CHECK(binarizer.feature_dim() == kFakeDim);
  CHECK(network.num_embedded() == 70);
  CHECK(learn_binarizer(network, source, {.num_threads = 3}).to_bytes() == binarizer.to_bytes());
  const std::size_t before = network.num_embedded();
  CHECK(learn_binarizer(network, source, {.max_pictures = 20}).method() == BinarizerMethod::kMedian);
  CHECK(network.num_embedded() == before + 20);
  CHECK_THROWS_AS(learn_binarizer(network, source, {.code_bits = 128}), Error);
  CHECK_THROWS_AS(learn_binarizer(network, source, {.should_stop = [] { return true; }}), Error);
  CHECK_THROWS_AS(learn_binarizer(network, IngestSource{}), Error);
}

TEST_CASE("a binarizer that does not fit is refused") {
  const Shop shop;
  CHECK_THROWS_AS(with_binarizer(std::make_shared<FakeEmbedder>(), medians(2 * kFakeDim, 1)), Error);
  CHECK_THROWS_AS(with_binarizer(nullptr, medians(kFakeDim, 1)), Error);
  Catalog catalog = Catalog::create(shop.catalog_path(), {"", "", 128, kFakeDim});
  CHECK_THROWS_AS(store_binarizer(catalog, medians(kFakeDim, 1)), Error);
  CHECK_FALSE(stored_binarizer(catalog));
}

TEST_CASE("bytes kept in a catalogue belong to the batch") {
  const Shop shop;
  const std::vector<std::byte> bytes = {std::byte{0}, std::byte{255}, std::byte{7}};
  {
    Catalog catalog = Catalog::create(shop.catalog_path(), {"", "", 64, 4});
    catalog.set_blob("colours", bytes);
    catalog.commit();
    catalog.set_blob("colours", {});
    catalog.set_blob("sizes", bytes);
    CHECK_FALSE(catalog.blob("colours"));
    catalog.rollback();
    CHECK(catalog.blob("colours") == bytes);
    CHECK_THROWS_AS(catalog.set_blob("", bytes), Error);
    CHECK_THROWS_AS(catalog.set_blob(std::string(101, 'x'), bytes), Error);
  }
  const Catalog catalog = Catalog::open(shop.catalog_path());
  CHECK(catalog.blob("colours") == bytes);
  CHECK_FALSE(catalog.blob("sizes"));
}

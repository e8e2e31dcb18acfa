// SPDX-License-Identifier: MIT
#include <cmath>
#include <fstream>
#include <set>

#include "network/random_model.h"
#include "training/clicked_shop.h"
#include "training/torch_with_catch.h"
#include "training/triplet_batches.h"
#include "training/validation.h"
#include "vitrine/embedder.h"
#include "vitrine/triplet_set.h"

using namespace vitrine;
using namespace vitrine::test;

TEST_CASE("triplets name pictures of the catalogue and photos, each once") {
  const ClickedShop shop;
  const TripletSet set = shop.read({.validation_share = 0.5});
  CHECK(set.num_read == 12);
  REQUIRE(set.triplets.size() == 12);
  CHECK(set.pictures.size() == 4 + 12);
  const TrainingTriplet& first = set.triplets.front();
  CHECK(set.pictures[first.query].path == shop.photo(0, 1));
  CHECK(set.pictures[first.query].product.empty());
  CHECK(set.pictures[first.positive].product == "shelf/product 0");
  CHECK(set.pictures[first.positive].category == "bag");
  CHECK_FALSE(set.pictures[first.positive].shop_picture);
  REQUIRE(first.negatives.size() == 3);
  CHECK(set.pictures[first.negatives[2]].path == shop.photo(3, 0));
  CHECK(set.pictures[first.negatives[2]].shop_picture);
  CHECK(first.weight == 1.5);
  std::size_t num_held_out = 0;
  for (const TrainingTriplet& triplet : set.triplets) {
    num_held_out += triplet.held_out ? 1 : 0;
    CHECK((set.pictures[triplet.query].split == Split::kValidation) == triplet.held_out);
  }
  CHECK(num_held_out > 0);
  CHECK(num_held_out < 12);
  // Other triplets in the file do not change who is held out.
  ClickedShop fewer;
  fewer.triplets = {shop.triplets[3]};
  fewer.write();
  CHECK(fewer.read({.validation_share = 0.5}).triplets[0].held_out == set.triplets[3].held_out);
}

TEST_CASE("a photo that is an item, too, is one picture") {
  ClickedShop shop;
  shop.triplets = {
      {shop.photo(0, 0).string(), shop.key(1), "shelf/product 1", {shop.key(2)}, 1},
      {(shop.folder.path() / "." / "0-1.png").string(), shop.key(1), "shelf/product 1", {shop.key(0)}, 1}};
  shop.write();
  const TripletSet set = shop.read({.validation_share = 0});
  CHECK(set.pictures.size() == 4);
  CHECK(set.triplets[0].query == set.triplets[1].negatives[0]);
  CHECK(set.pictures[set.triplets[0].query].product == "shelf/product 0");
}

TEST_CASE("items that the catalogue does not have are counted and left out") {
  ClickedShop shop;
  shop.triplets[0].positive = "shelf/product 9/front.png";
  shop.triplets[1].negatives[0] = "shelf/product 1";  // a product is no item
  shop.triplets[2].negatives = {shop.key(0)};
  shop.triplets[2].positive = shop.key(0);
  shop.triplets[2].positive_product = "shelf/product 0";
  shop.write();
  const TripletSet set = shop.read();
  CHECK(set.num_unknown_items == 2);
  CHECK(set.num_same_product == 1);
  CHECK(set.num_unusable == 2);
  CHECK(set.triplets.size() == 10);
}

TEST_CASE("triplets that cannot be used are refused with the reason") {
  ClickedShop shop;
  SECTION("none in the file") {
    std::ofstream(shop.file).flush();
    CHECK_THROWS_WITH(shop.read(), Catch::Contains("no triplet is usable") && Catch::Contains("0 were read"));
  }
  SECTION("a catalogue of other items") {
    for (Triplet& triplet : shop.triplets) triplet.positive = "mug/1.jpg";
    shop.write();
    CHECK_THROWS_WITH(shop.read(), Catch::Contains("12 times they name an item"));
  }
  SECTION("a single product") {
    for (Triplet& triplet : shop.triplets) triplet.negatives = {triplet.positive};
    shop.write();
    CHECK_THROWS_WITH(shop.read(), Catch::Contains("12 negatives are of the positive's own product"));
  }
  SECTION("a damaged line") {
    std::ofstream(shop.file, std::ios::app) << "{\"query\": \"cut\n";
    CHECK(code_of([&] { shop.read(); }) == ErrorCode::kCorrupt);
  }
  SECTION("no such file") {
    shop.file += ".gone";
    CHECK(code_of([&] { shop.read(); }) == ErrorCode::kNotFound);
  }
  SECTION("options out of range") {
    CHECK(code_of([&] { shop.read({.validation_share = 1}); }) == ErrorCode::kInvalidArgument);
    CHECK(code_of([&] { shop.read({.max_triplets = 0}); }) == ErrorCode::kInvalidArgument);
  }
  SECTION("all photos missing") {
    for (Triplet& triplet : shop.triplets) triplet.query += ".gone";
    shop.write();
    CHECK_THROWS_WITH(shop.train_from_clicks(), Catch::Contains("12 name pictures that cannot be read"));
  }
  SECTION("a model of another architecture") {
    ModelParts model = random_model();
    for (const char* name : {"features.18.0.weight", "embedding.weight", "embedding.bias"}) model.erase(name);
    model.write(shop.options.init);
    CHECK_THROWS_WITH(shop.train_from_clicks(), Catch::Contains("features.18.0.weight"));
  }
  SECTION("a model of another feature length") {
    random_model().write(shop.options.init);  // 128
    shop.options.feature_dim = 192;
    CHECK_THROWS_WITH(shop.train_from_clicks(), Catch::Contains("expected shape [192"));
  }
}

TEST_CASE("a long file is sampled evenly, the same way for the same seed") {
  const ClickedShop shop;
  std::set<std::string> seen;
  for (std::uint64_t seed = 0; seed < 30; ++seed) {
    const TripletSet set = shop.read({.validation_share = 0, .max_triplets = 3, .seed = seed});
    REQUIRE(set.triplets.size() == 3);
    CHECK(set.num_not_drawn == 9);
    for (const TrainingTriplet& triplet : set.triplets) seen.insert(set.pictures[triplet.query].path);
    CHECK(shop.read({.validation_share = 0, .max_triplets = 3, .seed = seed}).triplets[2].query ==
          set.triplets[2].query);
  }
  CHECK(seen.size() == 12);
}

TEST_CASE("a batch compares with its negatives, but never with what the photo was clicked for") {
  using namespace training;
  // Photos 0 and 1, both clicked for picture 2 (product 7); photo 0 also for 3 (product 8). Negatives: 4 to 7
  // (products 9, 9, 8, 10), and photo 1 itself is an item (product 11) passed over for photo 0.
  TripletPool pool;
  pool.training.push_back({0, {{2, {4, 5, 1}, 2.0}, {3, {7}, 1.0}}, {7, 8}});
  pool.training.push_back({1, {{2, {6}, 3.0}}, {7}});
  pool.product_numbers = {-1, 11, 7, 8, 9, 9, 8, 10};
  TrainingOptions options;
  options.batch_size = 64;
  options.negatives_per_triplet = 3;
  for (const bool shared : {true, false}) {
    options.shared_negatives = shared;
    const auto plan = plan_triplets(pool, options, 1);
    REQUIRE(plan.size() == 1);
    const auto& pictures = plan[0].picture_indices;
    CHECK(std::set<std::size_t>(pictures.begin(), pictures.end()).size() == 8);
    CHECK(pictures.size() == 8);  // each once
    const TripletRows& rows = *plan[0].triplets;
    const auto picture = [&](const torch::Tensor& of, std::int64_t i) {
      return pictures[static_cast<std::size_t>(of[i].item<std::int64_t>())];
    };
    REQUIRE(rows.queries.size(0) == 3);
    REQUIRE(rows.negatives.size(0) == 5);
    for (std::int64_t t = 0; t < 3; ++t) {
      std::set<std::size_t> compared;
      for (std::int64_t n = 0; n < 5; ++n)
        if (rows.compared[t][n].item<bool>()) compared.insert(picture(rows.negatives, n));
      const std::size_t query = picture(rows.queries, t);
      const std::size_t positive = picture(rows.positives, t);
      CHECK(rows.weights[t].item<double>() == (query == 1 ? 3.0 : positive == 2 ? 2.0 : 1.0));
      if (query == 1) {
        CHECK(compared == (shared ? std::set<std::size_t>{4, 5, 6, 7} : std::set<std::size_t>{6}));
      } else if (shared) {
        CHECK(compared == std::set<std::size_t>{1, 4, 5, 7});
      } else {
        CHECK(compared == (positive == 2 ? std::set<std::size_t>{4, 5, 1} : std::set<std::size_t>{7}));
      }
    }
  }
}

TEST_CASE("batches hold about as many pictures as asked for, and every photo once an epoch") {
  using namespace training;
  TripletPool pool;
  for (std::size_t i = 0; i < 50; ++i) pool.training.push_back({i, {{50, {51, 52, 53, 54}, 1}}, {0}});
  pool.product_numbers = std::vector<std::int64_t>(55, 1);
  TrainingOptions options;
  options.batch_size = 32;
  options.triplets_per_query = 1;
  options.negatives_per_triplet = 2;
  std::multiset<std::size_t> photos;
  for (const BatchPlan& batch : plan_triplets(pool, options, 1)) {
    CHECK(batch.picture_indices.size() <= 32);
    for (std::int64_t t = 0; t < batch.triplets->queries.size(0); ++t) {
      photos.insert(
          batch.picture_indices[static_cast<std::size_t>(batch.triplets->queries[t].item<std::int64_t>())]);
    }
  }
  CHECK(photos.size() == 50);
  CHECK(std::set<std::size_t>(photos.begin(), photos.end()).size() == 50);
  const auto first = plan_triplets(pool, options, 1);
  CHECK(first[0].picture_indices == plan_triplets(pool, options, 1)[0].picture_indices);
  CHECK(first[0].picture_indices != plan_triplets(pool, options, 2)[0].picture_indices);
}

TEST_CASE("a model learns from clicks alone, judged by labels") {
  ClickedShop shop;
  TripletSet set = shop.read();
  add_labelled(set, shop.pictures);
  shop.options.quantization_weight = 0.1;
  shop.options.triplet_margin = 0.5;  // more than is there before
  shop.options.epochs = 4;
  shop.options.learning_rate = 1e-3;
  shop.options.retention_weight = 0;
  const TrainingReport report = train(set, shop.options);
  REQUIRE(report.epochs.size() == 5);
  CHECK(report.epochs.back().identity_loss < report.epochs[1].identity_loss);
  CHECK(report.epochs.back().quantization_loss > 0);
  CHECK(report.epochs.back().triplet_accuracy >= 0);
  CHECK(report.epochs.back().recall_shop >= 0);
  CHECK(report.epochs.back().recall_photos >= 0);
  REQUIRE(report.triplets);
  CHECK(report.triplets->num_training_queries + report.triplets->num_validation_queries == 12);
  CHECK(report.triplets->num_validation_queries > 0);
  CHECK(report.triplets->num_products == 4);
  CHECK(report.categories == std::vector<std::string>{"bag", "shoe"});
  CHECK(load_embedder(shop.options.output, {.precision = Precision::kFloat32})->info().feature_dim == 64);
}

TEST_CASE("the triplet accuracy counts pairs whose positive is nearer, photo by photo") {
  using namespace training;
  const ClickedShop shop;
  EmbeddingNetwork network(64);
  load_weights(network, network::SafetensorsFile::open(shop.options.init));
  PicturePool pool = load_pictures(shop.pictures, 48, 1);
  // Pictures 0, 5 and 10 show products 0, 1 and 2; a picture is nearest to itself.
  const std::vector<QueryTriplets> queries = {{0, {{0, {5, 10}, 1}}, {}}, {5, {{0, {5}, 1}}, {}}};
  CHECK(triplet_accuracy(network, pool, queries, 32) == Approx(0.5));
  CHECK(std::isnan(triplet_accuracy(network, pool, {}, 32)));
}

TEST_CASE("training from clicks is resumed with the same result, and not with other options") {
  ClickedShop whole;
  const TrainingReport expected = whole.train_from_clicks();
  ClickedShop parts;
  int num_epochs = 0;
  const TrainingReport first =
      parts.train_from_clicks({.on_epoch = [&](const EpochFigures&) { ++num_epochs; },
                               .should_stop = [&] { return num_epochs > 1; }});
  CHECK(first.interrupted);
  parts.options.resume = true;
  const TrainingReport second = parts.train_from_clicks();
  REQUIRE(second.epochs.size() == expected.epochs.size());
  parts.options.shared_negatives = false;
  CHECK_THROWS_WITH(parts.train_from_clicks(), Catch::Contains("shared=1") && Catch::Contains("shared=0"));
  parts.options.shared_negatives = true;
  CHECK_THROWS_WITH(train(parts.pictures, parts.options), Catch::Contains("triplets="));
}

TEST_CASE("missing pictures are listed, and their triplets counted") {
  ClickedShop shop;
  std::filesystem::remove(shop.photo(0, 1));
  std::filesystem::remove(shop.photo(3, 0));  // an item: three positives, nine negatives
  const TrainingReport report = shop.train_from_clicks();
  CHECK(report.failures.size() == 2);
  CHECK(report.triplets->num_missing == 4);
}

TEST_CASE("a loss that is not finite ends the run with its place") {
  ClickedShop shop;
  for (Triplet& triplet : shop.triplets) triplet.weight = 3e38;  // sums of these overflow
  shop.write();
  CHECK_THROWS_WITH(train(shop.read({.validation_share = 0}), shop.options),
                    Catch::Contains("not finite at batch ") && Catch::Contains(" of epoch 1"));
}

TEST_CASE("clicks on one product only are worth a message") {
  ClickedShop shop;
  shop.triplets.resize(3);
  shop.write();
  std::string messages;
  train(shop.read({.validation_share = 0}), shop.options,
        {.on_message = [&](const std::string& message) { messages += message; }});
  CHECK(messages.find("all clicks are on one product") != std::string::npos);
}

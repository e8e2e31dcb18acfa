// SPDX-License-Identifier: MIT
#include "training/validation_misses.h"

#include "network/random_model.h"
#include "network/safetensors.h"
#include "training/feature_extraction.h"
#include "training/torch_with_catch.h"
#include "training/training_setting.h"

using namespace vitrine;
using namespace vitrine::training;

namespace {

PooledPicture picture(unsigned seed, const char* product, Split split) {
  PooledPicture picture;
  picture.image = test::random_picture(32, 32, seed);
  picture.path = std::string(product) + std::to_string(seed) + (split == Split::kTrain ? ".train" : ".val");
  picture.product = product;
  picture.split = split;
  return picture;
}

}  // namespace

TEST_CASE("the worst mistakes are those with the largest lead, and no others") {
  const test::TrainingSetting setting;
  EmbeddingNetwork network(64);
  load_weights(network, network::SafetensorsFile::open(setting.options.init));
  PicturePool pool;
  for (const auto& [seed, product] : {std::pair{1U, "mug"}, {2U, "plate"}, {3U, "fork"}})
    pool.pictures.push_back(picture(seed, product, Split::kTrain));
  pool.pictures.push_back(picture(1, "mug", Split::kValidation));    // right
  pool.pictures.push_back(picture(2, "fork", Split::kValidation));   // looks exactly like the plate
  pool.pictures.push_back(picture(3, "mug", Split::kValidation));    // like the fork
  pool.pictures.push_back(picture(3, "spoon", Split::kValidation));  // nothing could be right
  const std::vector<std::size_t> gallery{0, 1, 2};
  const std::vector<std::size_t> queries{3, 4, 5, 6};
  const EmbeddedPictures searched{gallery, extract_features(network, pool, gallery, 32)};
  const EmbeddedPictures asked{queries, extract_features(network, pool, queries, 32)};
  const auto misses = worst_misses(pool, asked, searched, 24);
  REQUIRE(misses.size() == 2);
  for (const ValidationMiss& miss : misses) {
    CHECK(miss.found_cosine == Approx(1).margin(1e-4));
    CHECK(miss.right_cosine < 0.9999);
    if (miss.product == "fork") {
      CHECK(miss.photo == "fork2.val");
      CHECK(miss.found == "plate2.train");
      CHECK(miss.found_product == "plate");
      CHECK(miss.right == "fork3.train");
    } else {
      CHECK(miss.photo == "mug3.val");
      CHECK(miss.found_product == "fork");
      CHECK(miss.right == "mug1.train");
    }
  }
  CHECK(misses[0].found_cosine - misses[0].right_cosine >= misses[1].found_cosine - misses[1].right_cosine);
  CHECK(worst_misses(pool, asked, EmbeddedPictures{}, 24).empty());
  CHECK(worst_misses(pool, asked, searched, 1).size() == 1);
}

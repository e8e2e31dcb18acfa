// SPDX-License-Identifier: MIT
#include "training/click_boxes.h"

#include "network/random_model.h"
#include "temporary_folder.h"
#include "training/click_box_batches.h"
#include "training/initial_network.h"
#include "training/torch_with_catch.h"

using namespace vitrine;
using namespace vitrine::training;

namespace {

using network::RelativeBox;

/// Pictures 0 to 2 are items of one colour each; picture 3 is a grey photo with a red part at `place`.
struct RedThing {
  PicturePool pool;
  TripletPool triplets;
  TrainingOptions options;
  EmbeddingNetwork network{64};
  RelativeBox place{0.55, 0.1, 0.95, 0.5};

  RedThing() {
    const test::TemporaryFolder folder;
    test::ModelParts model = test::random_model();
    model.erase("embedding.weight");
    model.erase("embedding.bias");
    model.write(folder.path() / "backbone.safetensors");
    add(coloured(200, 30, 30));
    add(coloured(30, 200, 30));
    add(coloured(30, 30, 200));
    Image photo = coloured(128, 128, 128);
    for (int y = 10; y < 50; ++y) {
      for (int x = 55; x < 95; ++x) {
        auto* pixel = photo.pixels().data() + (y * 100 + x) * 3;
        pixel[0] = 200;
        pixel[1] = pixel[2] = 30;
      }
    }
    add(std::move(photo));
    triplets.product_numbers = {0, 1, 2, -1};
    triplets.training.push_back({3, {{0, {1, 2}, 1}}, {0}});
    options.input_px = 32;
    options.detector_px = 32;
    options.batch_size = 4;
    options.click_candidates = 200;
    options.feature_dim = 64;
    options.whitening = 1;
    options.init = folder.path() / "backbone.safetensors";
    network = initial_network(pool, options, torch::kCPU, {});
  }

  static Image coloured(std::uint8_t red, std::uint8_t green, std::uint8_t blue) {
    Image image(100, 100, std::vector<std::uint8_t>(100 * 100 * 3));
    for (std::size_t i = 0; i < image.pixels().size(); i += 3) {
      image.pixels()[i] = red;
      image.pixels()[i + 1] = green;
      image.pixels()[i + 2] = blue;
    }
    return image;
  }
  void add(Image image) { pool.pictures.emplace_back().image = std::move(image); }
  std::vector<ClickBox> find() {
    return find_click_boxes(network, pool, triplets, options, [](std::size_t) { return true; });
  }
};

}  // namespace

TEST_CASE("clicks tell where in a photo the product is") {
  RedThing thing;
  const auto found = thing.find();
  REQUIRE(found.size() == 1);
  CHECK(found[0].picture == 3);
  CHECK(found[0].gain > 0);
  // The middle of the picture, where boxes are without any reason, overlaps the red part by a tenth.
  CHECK(network::intersection_over_union({0.25, 0.25, 0.75, 0.75}, thing.place) < 0.2);
  CHECK(network::intersection_over_union(found[0].box, thing.place) > 0.3);
  SECTION("the same again with the same seed, something else with another one") {
    CHECK(thing.find()[0].box.x0 == found[0].box.x0);
    thing.options.seed = 2;
    CHECK(thing.find()[0].box.x0 != found[0].box.x0);
  }
  SECTION("a click on another product tells of another place") {
    thing.triplets.training[0] = {3, {{1, {0, 2}, 1}}, {1}};
    CHECK(network::intersection_over_union(thing.find()[0].box, thing.place) <
          network::intersection_over_union(found[0].box, thing.place));
  }
  SECTION("without anything passed over there is nothing to tell") {
    thing.triplets.product_numbers = {0, 0, 0, -1};
    CHECK(thing.find().empty());
  }
  SECTION("the search can be ended") {
    CHECK(find_click_boxes(thing.network, thing.pool, thing.triplets, thing.options, [](std::size_t) {
            return false;
          }).empty());
  }
}

TEST_CASE("views of a photo keep its box on the product") {
  RedThing thing;
  const ClickBoxBatches batches(thing.pool, {{3, thing.place, 1}}, thing.options);
  const BoxBatch batch = batches.make(0);
  REQUIRE(batch.images.sizes() == torch::IntArrayRef({4, 3, 32, 32}));
  REQUIRE(batch.boxes.sizes() == torch::IntArrayRef({4, 4}));
  CHECK(batches.make(0).boxes.equal(batch.boxes));
  CHECK_FALSE(batches.make(1).boxes.equal(batch.boxes));
  bool is_right_half = false;
  bool is_left_half = false;
  for (std::int64_t i = 0; i < 4; ++i) {
    // Redness inside the box against that of the whole view: covered parts and colour changes may take a
    // share.
    const auto edge = [&](std::int64_t k) { return batch.boxes[i][k].item<float>() * 32; };
    const auto redness = [&](std::int64_t y0, std::int64_t y1, std::int64_t x0, std::int64_t x1) {
      const torch::Tensor part = batch.images[i].slice(1, y0, y1).slice(2, x0, x1);
      return (part[0] - part[1]).mean().item<double>();
    };
    CHECK(redness(std::lround(edge(1)), std::lround(edge(3)), std::lround(edge(0)), std::lround(edge(2))) >
          redness(0, 32, 0, 32) + 0.1);
    (edge(0) + edge(2) > 32 ? is_right_half : is_left_half) = true;
  }
  CHECK((is_right_half || is_left_half));
}

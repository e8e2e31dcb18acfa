// SPDX-License-Identifier: MIT
#include <cmath>
#include <fstream>

#include "network/random_model.h"
#include "temporary_folder.h"
#include "training/batches.h"
#include "training/box_losses.h"
#include "training/detector_training.h"
#include "training/model_export.h"
#include "training/scene_batches.h"
#include "training/scenes.h"
#include "training/torch_with_catch.h"
#include "vitrine/embedder.h"
#include "vitrine/error.h"
#include "vitrine/training.h"

using namespace vitrine;
using namespace vitrine::training;

namespace {

// A dark rectangle on white, as a shop shows it.
Image shop_picture(unsigned seed) {
  Image picture(64, 64, std::vector<std::uint8_t>(64 * 64 * 3, 255));
  const Image product = test::random_picture(30, 40, seed);
  for (int y = 0; y < 40; ++y) {
    for (int x = 0; x < 30 * 3; ++x) {
      picture.pixels()[static_cast<std::size_t>((y + 12) * 64 * 3 + 17 * 3 + x)] =
          static_cast<std::uint8_t>(product.pixels()[static_cast<std::size_t>(y * 30 * 3 + x)] / 2);
    }
  }
  return picture;
}

PicturePool shop_pool() {
  PicturePool pool;
  for (unsigned i = 0; i < 4; ++i) {
    PooledPicture picture;
    picture.image = i < 2 ? shop_picture(i) : test::random_picture(70, 60, i);
    picture.shop_picture = i < 2;
    if (picture.shop_picture) picture.cutout = synthesis::cut_out_from_white(picture.image);
    pool.pictures.push_back(std::move(picture));
  }
  return pool;
}

// Largest difference between the gradient that autograd gives and the one that differences of `function`
// give.
double gradient_error(const torch::Tensor& at,
                      const std::function<torch::Tensor(const torch::Tensor&)>& function) {
  const torch::Tensor x = at.clone().requires_grad_();
  const torch::Tensor gradient = torch::autograd::grad({function(x).sum()}, {x})[0];
  constexpr double kStep = 1e-5;
  double worst = 0;
  for (std::int64_t i = 0; i < at.numel(); ++i) {
    torch::Tensor above = at.clone();
    torch::Tensor below = at.clone();
    above.view(-1)[i] += kStep;
    below.view(-1)[i] -= kStep;
    const double difference =
        (function(above).sum().item<double>() - function(below).sum().item<double>()) / (2 * kStep);
    worst = std::max(worst, std::abs(difference - gradient.reshape(-1)[i].item<double>()));
  }
  return worst;
}

struct Setting {
  test::TemporaryFolder folder;
  std::vector<TrainingPicture> pictures;
  TrainingOptions options;
  Setting() {
    test::random_model().write(folder.path() / "init.safetensors");
    for (unsigned i = 0; i < 6; ++i) {
      const bool shop = i < 2;
      const Image image = shop ? shop_picture(i) : test::random_picture(64, 64, i % 2);
      const auto path = folder.path() / (std::to_string(i) + ".png");
      const auto png = encode_png(image);
      std::ofstream(path, std::ios::binary)
          .write(reinterpret_cast<const char*>(png.data()), static_cast<std::streamsize>(png.size()));
      pictures.push_back({path, "product " + std::to_string(i % 2), "", Split::kTrain, shop});
    }
    options.init = folder.path() / "init.safetensors";
    options.output = folder.path() / "model.safetensors";
    options.checkpoint = folder.path() / "state.checkpoint";
    options.epochs = 1;
    options.batch_size = 4;
    options.input_px = 32;
    options.feature_dim = 128;
    options.num_threads = 1;
    options.frozen_blocks = 16;
    options.shop_picture_repeats = 1;
    options.detector = DetectorKind::kCrop;
    options.detector_px = 32;
    options.detector_steps = 3;
  }
};

}  // namespace

TEST_CASE("the losses of boxes have the gradients that differences show") {
  torch::manual_seed(1);
  const auto options = torch::TensorOptions(torch::kFloat64);
  const torch::Tensor boxes = torch::tensor({0.1, 0.2, 0.6, 0.7, 0.3, 0.1, 0.9, 0.85}, options).view({2, 4});
  const torch::Tensor targets =
      torch::tensor({0.2, 0.15, 0.7, 0.6, 0.0, 0.0, 0.2, 0.05}, options).view({2, 4});
  CHECK(gradient_error(boxes, [&](const torch::Tensor& x) { return box_loss(x, targets); }) < 1e-6);
  CHECK(gradient_error(boxes, [&](const torch::Tensor& x) { return box_overlap(x, targets); }) < 1e-6);
  const torch::Tensor attention = torch::rand({2, 16}, options) + 0.1;
  CHECK(gradient_error(attention, [&](const torch::Tensor& x) { return attention_loss(x, targets); }) < 1e-6);
}

TEST_CASE("the loss of a box is 0 where it is right and grows with the distance") {
  const torch::Tensor target = torch::tensor({0.2F, 0.2F, 0.6F, 0.6F}).view({1, 4});
  const auto loss_at = [&](double shift) { return box_loss(target + shift, target).item<double>(); };
  CHECK(loss_at(0) == Approx(0).margin(1e-6));
  CHECK(loss_at(0.1) > 0.1);
  CHECK(loss_at(0.5) > loss_at(0.1));
  CHECK(loss_at(0.9) > loss_at(0.5));  // they do not touch any more
  CHECK(box_overlap(target, target).item<double>() == Approx(1));
}

TEST_CASE("attention inside the box costs nothing, outside it costs") {
  const torch::Tensor target = torch::tensor({0.0F, 0.0F, 0.5F, 0.5F}).view({1, 4});
  const torch::Tensor inside = torch::tensor({1.0F, 0.0F, 0.0F, 0.0F}).view({1, 4});
  const torch::Tensor outside = torch::tensor({0.0F, 0.0F, 0.0F, 1.0F}).view({1, 4});
  CHECK(attention_loss(inside, target).item<double>() == Approx(0).margin(1e-6));
  CHECK(attention_loss(outside, target).item<double>() > 5);
  const torch::Tensor tiny =
      torch::tensor({0.4F, 0.4F, 0.45F, 0.45F}).view({1, 4});  // holds no cell's centre
  CHECK(attention_loss(outside, tiny).item<double>() == 0);
}

TEST_CASE("detection starts with a box in the middle of the picture") {
  DetectorNetwork detector;
  torch::NoGradGuard no_gradient;
  const Detections found = detector->forward(torch::rand({2, 3, 64, 64}) * 2 - 1);
  CHECK(found.attention.sizes() == torch::IntArrayRef({2, 16}));
  CHECK(found.attention.sum(1).allclose(torch::ones({2})));
  const torch::Tensor expected = torch::tensor({0.15F, 0.15F, 0.85F, 0.85F}).view({1, 4}).expand({2, 4});
  CHECK((found.boxes - expected).abs().max().item<double>() < 0.15);
}

TEST_CASE("composed scenes are reproducible and their boxes lie in the picture, around the product") {
  const PicturePool pool = shop_pool();
  const SceneParts parts{pool.pictures[0].cutout, pool.pictures[1].cutout, pool.pictures[2].image};
  int num_boxes = 0;
  for (std::uint64_t i = 0; i < 30; ++i) {
    Random once = random_for(1, 1, i);
    Random again = random_for(1, 1, i);
    const Scene scene = compose_scene(parts, 48, once);
    const Scene same = compose_scene(parts, 48, again);
    CHECK(scene.image.width_px() == 48);
    CHECK(std::equal(scene.image.pixels().begin(), scene.image.pixels().end(), same.image.pixels().begin()));
    CHECK(scene.box.x0 == same.box.x0);
    CHECK(scene.box.x0 >= 0);
    CHECK(scene.box.y1 <= 1);
    num_boxes += scene.box.x1 > scene.box.x0 ? 1 : 0;
  }
  CHECK(num_boxes >= 28);
}

TEST_CASE("teaching lowers the loss of the boxes") {
  const test::TemporaryFolder folder;
  test::random_model().write(folder.path() / "init.safetensors");
  DetectorNetwork detector;
  CHECK_FALSE(load_weights(detector, network::SafetensorsFile::open(folder.path() / "init.safetensors")));
  TrainingOptions options;
  options.batch_size = 8;
  options.detector_px = 48;
  options.detector_steps = 60;
  options.detector_frozen_blocks = 8;
  double early = 0;
  double late = 0;
  const PicturePool pool = shop_pool();
  const SceneBatches scenes(pool, options);
  const auto from_scenes = [&](std::size_t i) { return scenes.make(i); };
  CHECK(teach_boxes(detector, options, from_scenes, [&](const DetectorStep& step) {
    if (step.step <= 10) early += step.loss;
    if (step.step > 50) late += step.loss;
    return true;
  }));
  CHECK(late < early);
  CHECK_FALSE(teach_boxes(detector, options, from_scenes, [](const DetectorStep&) { return false; }));
  CHECK_THROWS_WITH(SceneBatches(PicturePool{}, options), Catch::Contains("role 'shop'"));
}

TEST_CASE("the inference engine finds and describes what LibTorch trained") {
  Setting setting;
  const TrainingReport report = train(setting.pictures, setting.options);
  REQUIRE(report.detector);
  CHECK(report.detector->mean_area > 0.01);
  REQUIRE_FALSE(report.detector->histories.empty());
  for (const BoxHistory& history : report.detector->histories) {
    CHECK(std::filesystem::exists(history.picture));
    REQUIRE(history.snapshots.size() >= 2);
    CHECK(history.snapshots.front().when == "start");
    CHECK(history.snapshots.back().when == std::to_string(setting.options.detector_steps) + " steps");
    CHECK(history.snapshots.back().x0 <= history.snapshots.back().x1);
  }
  const auto embedder = load_embedder(setting.options.output, {.precision = Precision::kFloat32});
  REQUIRE(embedder->info().detects);
  const auto file = network::SafetensorsFile::open(setting.options.output);
  DetectorNetwork detector;
  CHECK(load_weights(detector, file));
  EmbeddingNetwork network(128);
  load_weights(network, file);
  PicturePool pool;
  pool.margin = setting.options.crop_margin;
  pool.pictures.emplace_back().image = Image::read(setting.pictures[4].path);
  const auto expected = detect(detector, pool, {0}, setting.options.detector_px).front();
  const Embedding found = embedder->embed(std::span(&pool.pictures[0].image, 1)).front();
  CHECK(found.box_score == Approx(expected.score).margin(1e-4));
  CHECK(found.box_px.has_value() == (found.box_score >= embedder->info().min_box_score));
  if (!found.box_px) return;
  CHECK(*found.box_px == network::to_pixels(expected.box, 64, 64));

  torch::NoGradGuard no_gradient;
  pool.pictures[0].box = expected.box;
  const Image small = resize(described_part(pool.pictures[0], pool.margin), 32, 32);
  const torch::Tensor feature = network->forward(to_input(std::span(&small, 1))).flatten();
  double cosine = 0;
  for (std::size_t i = 0; i < found.feature.size(); ++i)
    cosine += found.feature[i] * feature[static_cast<std::int64_t>(i)].item<double>();
  CHECK(cosine > 0.9999);
}

TEST_CASE("a resumed run keeps the detection it had learned") {
  Setting setting;
  setting.options.epochs = 2;
  int polls = 0;
  // Three polls while detection is taught, then one an epoch's batch.
  const TrainingReport first =
      train(setting.pictures, setting.options, {.should_stop = [&] { return ++polls > 4; }});
  CHECK(first.interrupted);
  REQUIRE(std::filesystem::exists(setting.options.checkpoint));
  const auto state = network::SafetensorsFile::open(setting.options.checkpoint);
  const auto shape = state.tensors().at("detector.head.1.bias").shape;
  const std::vector<float> expected = state.floats("detector.head.1.bias", shape);
  setting.options.resume = true;
  const TrainingReport second = train(setting.pictures, setting.options);
  CHECK_FALSE(second.detector);
  const auto model = network::SafetensorsFile::open(setting.options.output);
  const std::vector<float> found = model.floats("detector.head.1.bias", shape);
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(expected[i]).margin(1e-3));
}

TEST_CASE("stopping while detection is taught ends the run cleanly") {
  Setting setting;
  const TrainingReport report =
      train(setting.pictures, setting.options, {.should_stop = [] { return true; }});
  CHECK(report.interrupted);
  CHECK_FALSE(std::filesystem::exists(setting.options.output));
}

TEST_CASE("detection that cannot be had is refused with the reason") {
  Setting setting;
  const auto fails = [&](const char* part) {
    CHECK_THROWS_WITH(train(setting.pictures, setting.options), Catch::Contains(part));
  };
  SECTION("no detection to keep") {
    setting.options.detector_steps = 0;
    fails("has none");
  }
  SECTION("no shop pictures") {
    for (auto& picture : setting.pictures) picture.shop_picture = false;
    fails("role 'shop'");
  }
  SECTION("input of the wrong size") {
    setting.options.detector_px = 50;
    fails("detector_px");
  }
  SECTION("share out of range") {
    setting.options.near_box_share = 1.5;
    fails("near_box_share");
  }
  SECTION("margin out of range") {
    setting.options.crop_margin = -0.1;
    fails("crop_margin");
  }
}

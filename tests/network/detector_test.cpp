// SPDX-License-Identifier: MIT
#include "network/detector.h"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "network/error_matcher.h"
#include "network/model_file.h"
#include "network/random_model.h"
#include "network/reference_network.h"
#include "temporary_folder.h"
#include "vitrine/embedder.h"

namespace vitrine::test {
namespace {

using network::RelativeBox;

struct DetectingModel {
  DetectingModel() { random_model_with_detector().write(path); }
  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "model.safetensors";
};

const std::filesystem::path& model_path() {
  static const DetectingModel model;
  return model.path;
}

// A detecting model whose cells speak for boxes about themselves, as trained ones do.
ModelParts calm_model() {
  ModelParts parts = random_model_with_detector();
  network::NamedTensor& head = parts.tensor("detector.head.1.weight");
  std::vector<float> weights;
  for (std::int64_t i = 0; i < head.shape[0] * head.shape[1]; ++i)
    weights.push_back(0.02F * std::sin(static_cast<float>(i)));
  head = network::float16_tensor(head.name, head.shape, weights);
  return parts;
}

TEST_CASE("the cell with the highest score decides where the box is") {
  // 2 x 2 cells; the one on the right at the bottom says: half a side to the left, half as wide as the
  // picture.
  std::vector<float> map(4 * network::kDetectorOutputs, 0.0F);
  float* cell = map.data() + 3 * network::kDetectorOutputs;
  cell[0] = 100;
  cell[1] = -0.5F;
  cell[4] = 100;  // as high as the picture
  const auto found = network::decode_box(map, 2);
  CHECK(found.box.x0 == Approx(0.0).margin(1e-6));
  CHECK(found.box.x1 == Approx(0.5));
  CHECK(found.box.y0 == Approx(0.25));
  CHECK(found.box.y1 == Approx(1.0));  // clipped
  CHECK(found.score == Approx(1.0));
}

TEST_CASE("cells that disagree lower the score") {
  std::vector<float> map(4 * network::kDetectorOutputs, 0.0F);
  for (std::size_t i = 0; i < 4; ++i)
    map[i * network::kDetectorOutputs + 3] = map[i * network::kDetectorOutputs + 4] = -2;
  const auto found = network::decode_box(map, 2);  // four small boxes in four corners
  CHECK((found.box.x0 + found.box.x1) / 2 == Approx(0.5));
  CHECK(found.score < 0.1);
}

// A map of 2 x 2 cells that say nothing.
std::vector<float> silent_map() {
  std::vector<float> map(4 * network::kDetectorOutputs, 0.0F);
  for (std::size_t i = 0; i < 4; ++i) map[i * network::kDetectorOutputs] = -200;
  return map;
}

// Lets a cell speak for a square box about (x, y); its own centre is at 0.25 or 0.75 each way.
void say(std::vector<float>& map, std::size_t cell, float score, double x, double y, double side) {
  float* values = map.data() + cell * network::kDetectorOutputs;
  values[0] = score;
  values[1] = static_cast<float>(x - (cell % 2 == 0 ? 0.25 : 0.75));
  values[2] = static_cast<float>(y - (cell < 2 ? 0.25 : 0.75));
  values[3] = values[4] = static_cast<float>(std::log(side / (1 - side)));
}

TEST_CASE("several products are found, the one that gets most attention first") {
  std::vector<float> map = silent_map();
  say(map, 3, 2, 0.75, 0.75, 0.4);
  say(map, 0, 1, 0.2, 0.3, 0.2);
  const auto found = network::decode_boxes(map, 2, {});
  REQUIRE(found.size() == 2);
  CHECK(found[0].box.x0 == Approx(0.55));
  CHECK(found[0].box.y1 == Approx(0.95));
  CHECK(found[0].score == Approx(1.0));
  CHECK(found[1].box.x0 == Approx(0.1));
  CHECK(found[1].box.y0 == Approx(0.2));
  CHECK(found[1].box.x1 == Approx(0.3));
  CHECK(found[1].score == Approx(std::exp(-1.0)));
  CHECK(network::decode_boxes(map, 2, {.max_boxes = 1}).size() == 1);
  CHECK(network::decode_boxes(map, 2, {.min_score = 0.36}).size() == 2);
  CHECK(network::decode_boxes(map, 2, {.min_score = 0.37}).size() == 1);
}

TEST_CASE("cells that mean the same product are joined") {
  std::vector<float> map = silent_map();
  say(map, 0, 0, 0.40, 0.5, 0.4);
  say(map, 1, 0, 0.44, 0.5, 0.4);  // overlaps by 0.36 / 0.44
  const auto found = network::decode_boxes(map, 2, {});
  REQUIRE(found.size() == 1);
  CHECK(found[0].box.x0 == Approx(0.22));
  CHECK(found[0].box.x1 == Approx(0.62));
  CHECK(found[0].score == Approx(0.38 / 0.42));
}

TEST_CASE("boxes that overlap too much, or lie in each other, are one product") {
  std::vector<float> map = silent_map();
  say(map, 0, 0, 0.3, 0.5, 0.4);
  say(map, 1, -1, 0.3 + 0.8 / 3, 0.5, 0.4);  // overlaps by a fifth
  CHECK(network::decode_boxes(map, 2, {.max_overlap = 0.21}).size() == 2);
  CHECK(network::decode_boxes(map, 2, {.max_overlap = 0.19}).size() == 1);
  say(map, 1, -1, 0.3, 0.5, 0.1);  // a sixteenth, but all of it inside
  CHECK(network::decode_boxes(map, 2, {.max_overlap = 0.21}).size() == 1);
  say(map, 1, -1, 5, 5, 0.1);  // outside the picture
  CHECK(network::decode_boxes(map, 2, {}).size() == 1);
}

TEST_CASE("overlap is the common area over the joint area") {
  CHECK(network::intersection_over_union({0, 0, 1, 1}, {0, 0, 1, 1}) == Approx(1));
  CHECK(network::intersection_over_union({0, 0, 0.5, 1}, {0.25, 0, 0.75, 1}) == Approx(1.0 / 3));
  CHECK(network::intersection_over_union({0, 0, 0.4, 0.4}, {0.5, 0.5, 1, 1}) == 0);
  CHECK(network::intersection_over_union({0.5, 0.5, 0.5, 0.5}, {0.5, 0.5, 0.5, 0.5}) == 0);
}

TEST_CASE("a box in pixels is never empty and never outside the picture") {
  CHECK(network::to_pixels({0.25, 0.5, 0.75, 1}, 100, 40) == BoxPx{25, 20, 75, 40});
  CHECK(network::to_pixels({1, 1, 1, 1}, 10, 10) == BoxPx{9, 9, 10, 10});
  CHECK(network::to_pixels({0.5, 0.5, 0.2, 0.2}, 10, 10) == BoxPx{5, 5, 6, 6});
}

TEST_CASE("the margin is a share of the box's longer side and ends at the picture's edge") {
  CHECK(network::with_margin({40, 40, 60, 80}, 0.1, 200, 200) == BoxPx{36, 36, 64, 84});
  CHECK(network::with_margin({2, 0, 42, 30}, 0.25, 50, 32) == BoxPx{0, 0, 50, 32});
  CHECK(network::with_margin({3, 4, 5, 6}, 0, 50, 50) == BoxPx{3, 4, 5, 6});
}

TEST_CASE("the box is the one that the plain loops of the definition give") {
  const auto embedder = load_embedder(model_path(), {.precision = Precision::kFloat32});
  for (const unsigned seed : {1U, 2U}) {
    const Image picture = random_picture(kRandomDetectorInputPx, kRandomDetectorInputPx, seed);
    const Embedding found = embedder->embed(std::span(&picture, 1)).front();
    const auto expected = network::decode_box(reference_detector_map(model_path(), picture),
                                              kRandomDetectorInputPx / network::kDetectorStridePx);
    REQUIRE(found.box_px);
    CHECK(*found.box_px == network::to_pixels(expected.box, picture.width_px(), picture.height_px()));
    CHECK(found.box_score == Approx(expected.score).margin(1e-4));
  }
}

TEST_CASE("what is described is the box with its margin, at the resolution of the picture") {
  const auto embedder = load_embedder(model_path(), {.precision = Precision::kFloat32});
  const TemporaryFolder folder;
  random_model().write(folder.path() / "plain.safetensors");
  const auto plain = load_embedder(folder.path() / "plain.safetensors", {.precision = Precision::kFloat32});
  const Image picture = random_picture(230, 170, 5);
  const Embedding found = embedder->embed(std::span(&picture, 1)).front();
  const Image part = crop(picture, network::with_margin(*found.box_px, 0.125, 230, 170));
  CHECK(found.feature == plain->embed(std::span(&part, 1)).front().feature);

  const BoxPx given{20, 30, 100, 90};
  const Embedding described = embedder->embed_boxes(std::span(&picture, 1), std::span(&given, 1)).front();
  const Image given_part = crop(picture, {10, 20, 110, 100});
  CHECK(described.feature == plain->embed(std::span(&given_part, 1)).front().feature);
  CHECK_FALSE(described.box_px);
  const BoxPx whole{0, 0, 230, 170};
  CHECK(embedder->embed_boxes(std::span(&picture, 1), std::span(&whole, 1)).front().feature ==
        plain->embed(std::span(&picture, 1)).front().feature);
}

TEST_CASE("a model with two looks gives the second one to what it found, or to the centre if it is unsure") {
  const TemporaryFolder folder;
  const auto load = [&](ModelParts parts, const char* min_score, const char* share) {
    if (*min_score != '\0') parts.metadata[network::kMinBoxScoreKey] = min_score;
    parts.metadata[network::kCenterViewKey] = share;
    parts.write(folder.path() / "model.safetensors");
    return load_embedder(folder.path() / "model.safetensors", {.precision = Precision::kFloat32});
  };
  const auto plain = load(random_model(), "", "0");
  const auto centered = load(random_model(), "", "0.5");
  const auto sure = load(calm_model(), "0.001", "0.5");
  const auto unsure = load(calm_model(), "1", "0.5");
  CHECK(sure->info().min_decode_px() == centered->info().min_decode_px());
  const Image picture = random_picture(230, 170, 5);
  const std::span<const Image> pictures(&picture, 1);
  CHECK(unsure->embed(pictures).front().feature == centered->embed(pictures).front().feature);

  const Embedding found = sure->embed(pictures).front();
  REQUIRE(found.box_px);
  const Image part = crop(picture, network::with_margin(*found.box_px, 0.125, 230, 170));
  const Embedding of_all = plain->embed(pictures).front();
  const Embedding of_part = plain->embed(std::span(&part, 1)).front();
  double length = 0;
  for (std::size_t i = 0; i < found.feature.size(); ++i)
    length += std::pow(of_all.feature[i] + of_part.feature[i], 2);
  for (std::size_t i = 0; i < found.feature.size(); ++i) {
    CHECK(found.feature[i] ==
          Approx((of_all.feature[i] + of_part.feature[i]) / std::sqrt(length)).margin(1e-5));
  }
  // What is given by its box is described like a picture.
  const BoxPx given{20, 30, 100, 90};
  const Image given_part = crop(picture, {10, 20, 110, 100});
  CHECK(sure->embed_boxes(pictures, std::span(&given, 1)).front().feature ==
        centered->embed(std::span(&given_part, 1)).front().feature);
}

TEST_CASE("a box given to a model that does not detect is cut out exactly") {
  const TemporaryFolder folder;
  random_model().write(folder.path() / "plain.safetensors");
  const auto plain = load_embedder(folder.path() / "plain.safetensors");
  CHECK_FALSE(plain->info().detects);
  const Image picture = random_picture(90, 80, 5);
  const BoxPx box{20, 30, 60, 70};
  const Image part = crop(picture, box);
  CHECK(plain->embed_boxes(std::span(&picture, 1), std::span(&box, 1)).front().feature ==
        plain->embed(std::span(&part, 1)).front().feature);
  CHECK_FALSE(plain->embed(std::span(&picture, 1)).front().box_px);
}

TEST_CASE("boxes that do not fit the pictures are refused") {
  const auto embedder = load_embedder(model_path());
  const Image picture = random_picture(60, 60, 1);
  const std::array<BoxPx, 2> boxes{BoxPx{0, 0, 10, 10}, BoxPx{70, 70, 90, 90}};
  CHECK(fails_with(ErrorCode::kInvalidArgument, "one box for each picture",
                   [&] { embedder->embed_boxes(std::span(&picture, 1), boxes); }));
  CHECK(fails_with(ErrorCode::kInvalidArgument, "cannot crop",
                   [&] { embedder->embed_boxes(std::span(&picture, 1), std::span(boxes).last(1)); }));
}

TEST_CASE("boxes far beyond the picture describe all of it") {
  const auto embedder = load_embedder(model_path(), {.precision = Precision::kFloat32});
  const Image picture = random_picture(90, 70, 3);
  const BoxPx whole{0, 0, 90, 70};
  CHECK(embedder->embed_boxes(std::span(&picture, 1), std::span(&kWholePicture, 1)).front().feature ==
        embedder->embed_boxes(std::span(&picture, 1), std::span(&whole, 1)).front().feature);
  const BoxPx beside{91, 0, 200, 70};  // its margin would reach into the picture
  CHECK(fails_with(ErrorCode::kInvalidArgument, "cannot crop",
                   [&] { embedder->embed_boxes(std::span(&picture, 1), std::span(&beside, 1)); }));
}

TEST_CASE("the model finds the boxes that its map says, in pixels of the source") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "calm.safetensors";
  calm_model().write(path);
  const auto embedder = load_embedder(path, {.precision = Precision::kFloat32});
  const Image picture = random_picture(kRandomDetectorInputPx, kRandomDetectorInputPx, 6);
  const DetectionOptions options{.max_boxes = 3, .max_overlap = 0.5, .min_score = 0};
  const auto found = embedder->find_boxes(picture, options);
  const auto expected = network::decode_boxes(reference_detector_map(path, picture),
                                              kRandomDetectorInputPx / network::kDetectorStridePx, options);
  REQUIRE(found.size() == expected.size());
  REQUIRE_FALSE(found.empty());
  for (std::size_t i = 0; i < found.size(); ++i) {
    CHECK(found[i].box_px == network::to_pixels(expected[i].box, picture.width_px(), picture.height_px()));
    CHECK(found[i].score == Approx(expected[i].score).margin(1e-4));
  }
}

TEST_CASE("options out of range are refused, and models that do not detect find nothing") {
  const Image picture = random_picture(60, 60, 1);
  const TemporaryFolder folder;
  random_model().write(folder.path() / "plain.safetensors");
  const auto plain = load_embedder(folder.path() / "plain.safetensors");
  CHECK(plain->find_boxes(picture, {}).empty());
  const auto detecting = load_embedder(model_path());
  for (const Embedder* embedder : {detecting.get(), plain.get()}) {
    for (const DetectionOptions& options :
         {DetectionOptions{.max_boxes = 0}, DetectionOptions{.max_overlap = -0.1},
          DetectionOptions{.max_overlap = NAN}, DetectionOptions{.min_score = 1.1}})
      CHECK(fails_with(ErrorCode::kInvalidArgument, "cannot look for boxes",
                       [&] { embedder->find_boxes(picture, options); }));
  }
}

TEST_CASE("a box that is less sure than the model demands is not used") {
  const TemporaryFolder folder;
  ModelParts parts = calm_model();
  parts.write(folder.path() / "plain.safetensors");
  parts.metadata[network::kMinBoxScoreKey] = "1";
  parts.write(folder.path() / "strict.safetensors");
  parts.metadata[network::kMinBoxScoreKey] = "0.001";
  parts.write(folder.path() / "lenient.safetensors");
  const auto strict = load_embedder(folder.path() / "strict.safetensors", {.precision = Precision::kFloat32});
  const auto lenient =
      load_embedder(folder.path() / "lenient.safetensors", {.precision = Precision::kFloat32});
  const auto plain = load_embedder(folder.path() / "plain.safetensors", {.precision = Precision::kFloat32});
  CHECK(strict->info().min_box_score == 1);
  CHECK(plain->info().min_box_score == 0);
  CHECK(strict->info().fingerprint != plain->info().fingerprint);
  const Image picture = random_picture(90, 70, 3);
  const std::span<const Image> pictures(&picture, 1);
  const Embedding whole = strict->embed(pictures).front();
  CHECK_FALSE(whole.box_px);
  CHECK(whole.box_score == plain->embed(pictures).front().box_score);
  CHECK(whole.feature == plain->embed_boxes(pictures, std::span(&kWholePicture, 1)).front().feature);
  CHECK(lenient->embed(pictures).front().feature == plain->embed(pictures).front().feature);
  for (const char* bad : {"", "x", "-0.1", "1.5", "nan", "0.5 "}) {
    parts.metadata[network::kMinBoxScoreKey] = bad;
    parts.write(folder.path() / "bad.safetensors");
    CHECK(fails_with(ErrorCode::kCorrupt, "detector_min_score",
                     [&] { load_embedder(folder.path() / "bad.safetensors"); }));
  }
}

TEST_CASE("every precision finds nearly the same box") {
  const Image picture = random_picture(120, 100, 4);
  const auto expected =
      load_embedder(model_path(), {.precision = Precision::kFloat32})->embed(std::span(&picture, 1)).front();
  const auto found = load_embedder(model_path())->embed(std::span(&picture, 1)).front();
  CHECK(std::abs(found.box_px->x0 - expected.box_px->x0) <= 6);
  CHECK(std::abs(found.box_px->y1 - expected.box_px->y1) <= 6);
}

}  // namespace
}  // namespace vitrine::test

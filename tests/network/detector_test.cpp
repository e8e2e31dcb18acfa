// SPDX-License-Identifier: MIT
#include "network/detector.h"

#include <array>
#include <catch2/catch.hpp>
#include <cmath>

#include "network/error_matcher.h"
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

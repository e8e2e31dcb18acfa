// SPDX-License-Identifier: MIT
#include "vitrine/embedder.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <numeric>
#include <thread>

#include "network/error_matcher.h"
#include "network/onednn_runtime.h"
#include "network/random_model.h"
#include "network/reference_network.h"
#include "temporary_folder.h"

namespace vitrine::test {
namespace {

constexpr Precision kPrecisions[] = {Precision::kFloat32, Precision::kBfloat16, Precision::kInt8};

std::vector<Image> random_pictures(unsigned count) {
  std::vector<Image> pictures;
  for (unsigned seed = 0; seed < count; ++seed) {
    pictures.push_back(random_picture(kRandomModelInputPx, kRandomModelInputPx, seed));
  }
  return pictures;
}

/// A calibrated model file.
struct ModelOnDisk {
  explicit ModelOnDisk(const network::Backbone& backbone) {
    ModelParts parts = random_model(backbone);
    calibrate(parts, random_pictures(20));
    parts.write(path);
  }
  TemporaryFolder folder;
  std::filesystem::path path = folder.path() / "model.safetensors";
};

/// One for all tests here.
const std::filesystem::path& model_path() {
  static const ModelOnDisk model(network::mobilenet_v2());
  return model.path;
}

const std::filesystem::path& googlenet_path() {
  static const ModelOnDisk model(network::googlenet());
  return model.path;
}

const std::filesystem::path& any_model_path() {
  return GENERATE(true, false) ? model_path() : googlenet_path();
}

float cosine(const Embedding& a, const Embedding& b) {
  return std::inner_product(a.feature.begin(), a.feature.end(), b.feature.begin(), 0.0F);
}

bool equal(const Embedding& a, const Embedding& b) {
  return a.feature == b.feature && a.code == b.code && a.category_probabilities == b.category_probabilities;
}

TEST_CASE("the float32 network computes what the plain loops of its definition compute") {
  const std::filesystem::path& path = any_model_path();
  const auto embedder = load_embedder(path, {.precision = Precision::kFloat32});
  for (const unsigned seed : {1U, 2U}) {
    const Image picture = random_picture(kRandomModelInputPx, kRandomModelInputPx, seed);
    const Embedding found = embedder->embed(std::span(&picture, 1)).front();
    const ReferenceResult expected = reference_embedding(path, picture);
    REQUIRE(found.feature.size() == expected.feature.size());
    for (std::size_t i = 0; i < found.feature.size(); ++i) {
      REQUIRE(found.feature[i] == Approx(expected.feature[i]).margin(1e-4));
    }
    REQUIRE(found.category_probabilities.size() == 5);
    for (std::size_t i = 0; i < 5; ++i) {
      REQUIRE(found.category_probabilities[i] == Approx(expected.category_probabilities[i]).margin(1e-4));
    }
    REQUIRE(found.code == sign_code(found.feature));
  }
}

TEST_CASE("the faster precisions give nearly the features of float32") {
  const std::filesystem::path& path = any_model_path();
  const auto pictures = random_pictures(8);
  const auto expected = load_embedder(path, {.precision = Precision::kFloat32})->embed(pictures);
  for (const Precision precision : {Precision::kBfloat16, Precision::kInt8}) {
    if (!network::cpu_supports(precision)) {
      WARN("this CPU lacks the instructions for one precision, which is therefore not tested");
      continue;
    }
    const auto found = load_embedder(path, {.precision = precision})->embed(pictures);
    for (std::size_t i = 0; i < pictures.size(); ++i) REQUIRE(cosine(found[i], expected[i]) >= 0.99F);
  }
}

TEST_CASE("a picture's embedding does not depend on the pictures embedded with it") {
  const std::filesystem::path& path = any_model_path();
  const auto pictures = random_pictures(33);
  for (const Precision precision : kPrecisions) {
    if (!network::cpu_supports(precision)) continue;
    const auto embedder = load_embedder(path, {.precision = precision});
    std::vector<Embedding> single;
    for (const Image& picture : pictures) single.push_back(embedder->embed(std::span(&picture, 1)).front());
    for (const std::size_t count : {1U, 2U, 3U, 5U, 16U, 17U, 33U}) {
      const auto together = embedder->embed(std::span(pictures).first(count));
      REQUIRE(together.size() == count);
      for (std::size_t i = 0; i < count; ++i) REQUIRE(equal(together[i], single[i]));
    }
  }
}

TEST_CASE("concurrent calls give what single calls give, the first call included") {
  const std::filesystem::path& path = any_model_path();
  const auto pictures = random_pictures(6);
  const auto expected = load_embedder(path)->embed(pictures);
  const auto embedder = load_embedder(path);
  constexpr std::size_t kThreads = 4;
  std::vector<std::vector<Embedding>> found(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int round = 0; round < 3; ++round) found[i] = embedder->embed(pictures);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const auto& embeddings : found) {
    for (std::size_t i = 0; i < pictures.size(); ++i) REQUIRE(equal(embeddings[i], expected[i]));
  }
}

TEST_CASE("a centre view adds a look at the middle of the picture, or of the box") {
  const TemporaryFolder folder;
  const auto write = [&](const char* share) {
    ModelParts parts = random_model();
    parts.metadata["center_view"] = share;
    const auto path = folder.path() / (std::string(share) + ".safetensors");
    parts.write(path);
    return load_embedder(path, {.precision = Precision::kFloat32});
  };
  const auto once = write("0");
  const auto twice = write("0.5");
  CHECK(twice->info().center_view == 0.5);
  CHECK(twice->info().min_decode_px() == 2 * once->info().min_decode_px());
  CHECK(twice->info().fingerprint != once->info().fingerprint);

  const Image picture = random_picture(200, 120, 5);
  const BoxPx box_px{20, 10, 120, 90};
  const auto expect_mean = [&](const Embedding& found, const Image& all, const Image& center) {
    const Embedding a = once->embed(std::span(&all, 1)).front();
    const Embedding b = once->embed(std::span(&center, 1)).front();
    CHECK(cosine(a, b) < 0.999F);  // else one look would do
    CHECK(cosine(found, found) == Approx(1));
    const double length = std::sqrt(2 + 2 * cosine(a, b));
    for (std::size_t i = 0; i < found.feature.size(); ++i)
      CHECK(found.feature[i] == Approx((a.feature[i] + b.feature[i]) / length).margin(1e-5));
    CHECK(found.code == sign_code(found.feature));
    for (std::size_t i = 0; i < found.category_probabilities.size(); ++i) {
      CHECK(found.category_probabilities[i] ==
            Approx((a.category_probabilities[i] + b.category_probabilities[i]) / 2).margin(1e-6));
    }
  };
  expect_mean(twice->embed(std::span(&picture, 1)).front(), picture, crop(picture, {50, 30, 150, 90}));
  expect_mean(twice->embed_boxes(std::span(&picture, 1), std::span(&box_px, 1)).front(),
              crop(picture, box_px), crop(picture, {45, 30, 95, 70}));
}

TEST_CASE("pictures of any size are squashed to the network's input") {
  const auto embedder = load_embedder(model_path());
  const Image picture = random_picture(150, 90, 3);
  const Image squashed = resize(picture, kRandomModelInputPx, kRandomModelInputPx);
  REQUIRE(equal(embedder->embed(std::span(&picture, 1)).front(),
                embedder->embed(std::span(&squashed, 1)).front()));
}

TEST_CASE("embedding an empty picture is refused and leaves the embedder usable") {
  const auto embedder = load_embedder(model_path());
  const Image pictures[] = {random_picture(70, 70, 1), Image()};
  REQUIRE(fails_with(ErrorCode::kInvalidArgument, "empty picture", [&] { embedder->embed(pictures); }));
  REQUIRE(embedder->embed(std::span(pictures).first(1)).size() == 1);
  REQUIRE(embedder->embed({}).empty());
}

TEST_CASE("a model tells its settings") {
  const auto embedder = load_embedder(model_path());
  const ModelInfo& info = embedder->info();
  REQUIRE(info.name == "random");
  REQUIRE(info.feature_dim == 128);
  REQUIRE(info.code_bits == 128);
  REQUIRE(info.input_px == kRandomModelInputPx);
  REQUIRE(info.categories == std::vector<std::string>{"bag", "shoe", "hat", "cup", "lamp"});
  REQUIRE(info.fingerprint.size() == 32);
}

TEST_CASE("without heads the feature is the normalised average of 1280 channels") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "backbone.safetensors";
  ModelParts parts = random_model();
  for (const char* name : {"embedding.weight", "embedding.bias", "category.weight", "category.bias"})
    parts.erase(name);
  parts.metadata["feature_dim"] = "1280";
  parts.metadata.erase("categories");
  parts.write(path);
  const auto embedder = load_embedder(path);
  const Image picture = random_picture(kRandomModelInputPx, kRandomModelInputPx, 1);
  const Embedding embedding = embedder->embed(std::span(&picture, 1)).front();
  REQUIRE(embedding.feature.size() == 1280);
  REQUIRE(embedding.code.size() == 160);
  REQUIRE(cosine(embedding, embedding) == Approx(1));
  REQUIRE(embedding.category_probabilities.empty());
  REQUIRE(embedder->info().code_bits == 1280);
}

TEST_CASE("int8 without quantisation ranges is refused, the automatic choice goes without") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "uncalibrated.safetensors";
  random_model().write(path);
  REQUIRE(error_of([&] { load_embedder(path, {.precision = Precision::kInt8}); })->code() ==
          ErrorCode::kUnsupported);
  const Image picture = random_picture(64, 64, 1);
  REQUIRE(load_embedder(path)->embed(std::span(&picture, 1)).size() == 1);
}

}  // namespace
}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include "network/model_file.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <random>

#include "network/error_matcher.h"
#include "network/random_model.h"
#include "temporary_folder.h"

namespace vitrine::test {
namespace {

using network::float32_tensor;

/// The error of reading a random model after `change`.
std::optional<Error> error_after(const std::function<void(ModelParts&)>& change) {
  static const ModelParts good = random_model();
  const TemporaryFolder folder;
  const auto path = folder.path() / "model.safetensors";
  ModelParts parts = good;
  change(parts);
  parts.write(path);
  return error_of([&] { load_embedder(path); });
}

void require_corrupt(const std::string& part, const std::function<void(ModelParts&)>& change) {
  const auto error = error_after(change);
  INFO(part);
  REQUIRE(error);
  CHECK(error->code() == ErrorCode::kCorrupt);
  CHECK_THAT(error->what(), Catch::Contains(part) && Catch::Contains("model.safetensors"));
}

TEST_CASE("a model of another format, version or architecture is refused") {
  REQUIRE_FALSE(error_after([](ModelParts&) {}));
  require_corrupt("'format'", [](ModelParts& parts) { parts.metadata.erase("format"); });
  require_corrupt("'pt'", [](ModelParts& parts) { parts.metadata["format"] = "pt"; });
  const auto newer = error_after([](ModelParts& parts) { parts.metadata["format"] = "vitrine-model/2"; });
  REQUIRE(newer);
  CHECK(newer->code() == ErrorCode::kUnsupported);
  require_corrupt("'resnet'", [](ModelParts& parts) { parts.metadata["architecture"] = "resnet"; });
  require_corrupt("architecture", [](ModelParts& parts) { parts.metadata.erase("architecture"); });
  require_corrupt("name", [](ModelParts& parts) { parts.metadata.erase("name"); });
}

TEST_CASE("an input size that the network cannot take is refused") {
  for (const char* value : {"", "0", "-32", "16", "65", "1056", "64 ", "64.0", "99999999999", "abc"}) {
    require_corrupt("input_px", [&](ModelParts& parts) { parts.metadata["input_px"] = value; });
  }
  require_corrupt("input_px", [](ModelParts& parts) { parts.metadata.erase("input_px"); });
}

TEST_CASE("a feature length that gives no code, or is not that of the weights, is refused") {
  for (const char* value : {"0", "100", "8192", "x"}) {
    require_corrupt("feature_dim", [&](ModelParts& parts) { parts.metadata["feature_dim"] = value; });
  }
  require_corrupt("embedding.weight", [](ModelParts& parts) { parts.metadata["feature_dim"] = "64"; });
}

TEST_CASE("missing tensors are named") {
  for (const char* name : {"features.0.0.weight", "features.7.conv.1.0.bias", "features.18.0.weight",
                           "embedding.bias", "embedding.weight", "category.weight", "category.bias"}) {
    require_corrupt(name, [&](ModelParts& parts) { parts.erase(name); });
  }
  require_corrupt("embedding.weight", [](ModelParts& parts) {
    parts.erase("embedding.weight");
    parts.erase("embedding.bias");
  });
}

TEST_CASE("tensors of a wrong shape or type are named") {
  require_corrupt("expected shape [32, 3, 3, 3], found [3, 32, 3, 3]", [](ModelParts& parts) {
    parts.tensor("features.0.0.weight").shape = {3, 32, 3, 3};
  });
  require_corrupt("features.1.conv.1.bias", [](ModelParts& parts) {
    parts.tensor("features.1.conv.1.bias") =
        float32_tensor("features.1.conv.1.bias", {15}, std::vector<float>(15));
  });
  require_corrupt("I64", [](ModelParts& parts) {
    parts.tensor("features.0.0.bias") =
        network::int64_tensor("features.0.0.bias", {32}, std::vector<std::int64_t>(32));
  });
}

TEST_CASE("weights that are not numbers are named") {
  std::vector<float> bias(32, 0.0F);
  bias[5] = std::numeric_limits<float>::quiet_NaN();
  require_corrupt("'features.0.0.bias': value 5", [&](ModelParts& parts) {
    parts.tensor("features.0.0.bias") = float32_tensor("features.0.0.bias", {32}, bias);
  });
}

TEST_CASE("categories that do not fit the category head are refused") {
  require_corrupt("category.weight",
                  [](ModelParts& parts) { parts.metadata["categories"] = R"(["a", "b"])"; });
  require_corrupt("category.weight", [](ModelParts& parts) { parts.metadata.erase("categories"); });
  require_corrupt("category.weight", [](ModelParts& parts) {
    parts.erase("category.weight");
    parts.erase("category.bias");
  });
  for (const char* value : {"", "{}", "[1]", "[\"a\"", "\"a\"", R"(["a", "a", "b", "c", "d"])"}) {
    require_corrupt("categories", [&](ModelParts& parts) { parts.metadata["categories"] = value; });
  }
}

TEST_CASE("quantisation ranges are checked too") {
  const auto with_ranges = [](std::vector<float> ranges) {
    return [ranges](ModelParts& parts) {
      parts.tensors.push_back(
          float32_tensor(network::kAbsmaxTensor, {static_cast<std::int64_t>(ranges.size())}, ranges));
    };
  };
  const std::size_t count = network::convolutions_of(network::mobilenet_v2().blocks).size();
  REQUIRE_FALSE(error_after(with_ranges(std::vector<float>(count, 3.0F))));
  require_corrupt(network::kAbsmaxTensor, with_ranges(std::vector<float>(count - 1, 3.0F)));
  require_corrupt(network::kAbsmaxTensor, with_ranges(std::vector<float>(count, -1.0F)));
  require_corrupt(network::kAbsmaxTensor,
                  with_ranges(std::vector<float>(count, std::numeric_limits<float>::infinity())));
}

TEST_CASE("a centre view that cannot be is refused") {
  CHECK_FALSE(error_after([](ModelParts& parts) { parts.metadata["center_view"] = "0.7"; }));
  CHECK_FALSE(error_after([](ModelParts& parts) { parts.metadata["center_view"] = "0"; }));
  for (const char* value : {"", "-0.5", "1.5", "0.05", "nan", "x"})
    require_corrupt("center_view", [&](ModelParts& parts) { parts.metadata["center_view"] = value; });
}

TEST_CASE("a detection branch is read, and a damaged one is refused") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "model.safetensors";
  const ModelParts detecting = random_model_with_detector();
  detecting.write(path);
  CHECK(load_embedder(path)->info().detects);
  random_model().write(path);
  CHECK_FALSE(load_embedder(path)->info().detects);

  const auto require_refused = [&](const std::string& part, const std::function<void(ModelParts&)>& change) {
    ModelParts parts = detecting;
    change(parts);
    require_corrupt(part, [&](ModelParts& target) { target = parts; });
  };
  for (const char* value : {"0", "24", "100", "2048", "x"}) {
    require_refused("detector_input_px",
                    [&](ModelParts& parts) { parts.metadata["detector_input_px"] = value; });
  }
  for (const char* value : {"-0.1", "1.5", "nan", "x", ""}) {
    require_refused("detector_margin", [&](ModelParts& parts) { parts.metadata["detector_margin"] = value; });
  }
  require_refused("detector_margin", [](ModelParts& parts) { parts.metadata.erase("detector_margin"); });
  require_refused("detector.head.1.bias", [](ModelParts& parts) { parts.erase("detector.head.1.bias"); });
  require_refused("detector.features.0.0.weight",
                  [](ModelParts& parts) { parts.erase("detector.features.0.0.weight"); });
}

TEST_CASE("the fingerprint follows weights and settings, and nothing else") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "model.safetensors";
  const auto fingerprint = [&](const ModelParts& parts) {
    parts.write(path);
    return network::read_model(path).info.fingerprint;
  };
  const ModelParts parts = random_model();
  const std::string original = fingerprint(parts);
  REQUIRE(original.find_first_not_of("0123456789abcdef") == std::string::npos);

  ModelParts reordered = parts;
  std::reverse(reordered.tensors.begin(), reordered.tensors.end());
  CHECK(fingerprint(reordered) == original);
  ModelParts calibrated = parts;
  calibrate(calibrated, {random_picture(64, 64, 1)});
  CHECK(fingerprint(calibrated) == original);
  ModelParts changed = parts;
  changed.tensor("embedding.bias").bytes[0] ^= std::byte{1};
  CHECK(fingerprint(changed) != original);
  ModelParts larger = parts;
  larger.metadata["input_px"] = "96";
  CHECK(fingerprint(larger) != original);
}

TEST_CASE("truncated models are refused and changed bytes never crash") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "model.safetensors";
  random_model().write(path);
  std::ifstream stream(path, std::ios::binary);
  const std::string good((std::istreambuf_iterator<char>(stream)), {});
  const auto error_of_bytes = [&](const std::string& bytes) {
    std::ofstream(path, std::ios::binary) << bytes;
    return error_of([&] { load_embedder(path); });
  };
  for (const std::size_t length :
       {std::size_t{0}, std::size_t{9}, std::size_t{5000}, good.size() / 2, good.size() - 1}) {
    REQUIRE(error_of_bytes(good.substr(0, length)));
  }
  constexpr std::size_t kHeaderBytes = 12000;  // at least: where the fields are
  std::mt19937 random(11);
  for (int round = 0; round < 60; ++round) {
    std::string bad = good;
    const std::size_t position = round % 3 == 0 ? random() % good.size() : random() % kHeaderBytes;
    bad[position] = static_cast<char>(static_cast<unsigned char>(bad[position]) ^ (1 + random() % 255));
    const auto error = error_of_bytes(bad);  // anything but vitrine::Error would end the test
    if (position > good.size() / 2) REQUIRE(error);
  }
}

}  // namespace
}  // namespace vitrine::test

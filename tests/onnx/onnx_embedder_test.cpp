// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cmath>
#include <fstream>
#include <thread>

#include "network/error_matcher.h"
#include "onnx/onnx_writer.h"
#include "temporary_folder.h"
#include "vitrine/error.h"
#include "vitrine/onnx.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

constexpr int kDim = 70;  // no multiple of 64
constexpr int kSidePx = 8;

struct Folder {
  TemporaryFolder folder;

  fs::path write(const std::string& name, const std::string& bytes) const {
    const fs::path path = folder.path() / name;
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }
};

Image plain(int r, int g, int b, int side_px = kSidePx) {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < side_px * side_px; ++i)
    for (const int value : {r, g, b}) pixels.push_back(static_cast<std::uint8_t>(value));
  return {side_px, side_px, std::move(pixels)};
}

OnnxSettings settings() {
  OnnxSettings result;
  result.name = "tiny";
  result.input_px = kSidePx;
  result.mean = {0.5F, 0.25F, 0.125F};
  result.std = {0.5F, 0.25F, 2.0F};
  return result;
}

// What the network makes of a plain picture, by its definition.
std::vector<double> expected(const TinyNetwork& network, std::array<double, 3> input) {
  std::vector<double> feature;
  double sum = 0;
  for (std::size_t i = 0; i < network.bias.size(); ++i) {
    double value = network.bias[i];
    for (std::size_t c = 0; c < 3; ++c) value += double{network.weight[3 * i + c]} * input[c];
    feature.push_back(value);
    sum += value * value;
  }
  for (double& value : feature) value /= std::sqrt(sum);
  return feature;
}

void check_feature(const Embedder& embedder, const Image& image, const std::vector<double>& values) {
  const Embedding embedding = embedder.embed(std::span(&image, 1)).at(0);
  REQUIRE(embedding.feature.size() == values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    CHECK(embedding.feature[i] == Approx(values[i]).margin(1e-5));
  CHECK(embedding.code == sign_code(std::span(embedding.feature).first(64)));
}

// (51, 102, 204) / 255 - mean, over std.
constexpr std::array<double, 3> kInput{(0.2 - 0.5) / 0.5, (0.4 - 0.25) / 0.25, (0.8 - 0.125) / 2};

TEST_CASE("the feature is the network's output for the picture with the settings' mean and deviation") {
  const Folder folder;
  const TinyNetwork network = tiny_network(kDim);
  const auto embedder = load_onnx_embedder(folder.write("net.onnx", tiny_onnx(network)), settings());
  CHECK(embedder->info().feature_dim == kDim);
  CHECK(embedder->info().code_bits == 64);
  CHECK(embedder->info().name == "tiny");
  CHECK_FALSE(embedder->info().detects);
  check_feature(*embedder, plain(51, 102, 204), expected(network, kInput));
  check_feature(*embedder, plain(51, 102, 204, 19), expected(network, kInput));  // resized
}

TEST_CASE("channels may come in the other order, and last") {
  const Folder folder;
  TinyNetwork network = tiny_network(kDim);
  OnnxSettings options = settings();
  options.channels = OnnxSettings::Channels::kBgr;
  // The first channel is blue now, with the first mean and deviation.
  const std::array<double, 3> input{(0.8 - 0.5) / 0.5, (0.4 - 0.25) / 0.25, (0.2 - 0.125) / 2};
  check_feature(*load_onnx_embedder(folder.write("bgr.onnx", tiny_onnx(network)), options),
                plain(51, 102, 204), expected(network, input));
  network.channels_last = true;
  options = settings();
  options.layout = OnnxSettings::Layout::kNhwc;
  check_feature(*load_onnx_embedder(folder.write("last.onnx", tiny_onnx(network)), options),
                plain(51, 102, 204), expected(network, kInput));
}

TEST_CASE("a map is averaged over its places, and an inner tensor can be named") {
  const Folder folder;
  TinyNetwork network = tiny_network(kDim);
  OnnxSettings options = settings();
  options.output = "map";
  check_feature(*load_onnx_embedder(folder.write("named.onnx", tiny_onnx(network)), options),
                plain(51, 102, 204), expected(network, kInput));
  network.pooled = false;
  check_feature(*load_onnx_embedder(folder.write("map.onnx", tiny_onnx(network)), settings()),
                plain(51, 102, 204), expected(network, kInput));
  // Half of the picture is another colour: the average is that of both.
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < kSidePx * kSidePx; ++i)
    for (const int value : i < kSidePx * kSidePx / 2 ? std::array{51, 102, 204} : std::array{255, 0, 0})
      pixels.push_back(static_cast<std::uint8_t>(value));
  const std::array<double, 3> both{(kInput[0] + 1) / 2, (kInput[1] - 1) / 2, (kInput[2] - 0.0625) / 2};
  check_feature(*load_onnx_embedder(folder.folder.path() / "map.onnx", settings()),
                Image(kSidePx, kSidePx, std::move(pixels)), expected(network, both));
}

TEST_CASE("concurrent calls give what single ones give") {
  const Folder folder;
  const auto embedder =
      load_onnx_embedder(folder.write("net.onnx", tiny_onnx(tiny_network(128))), settings());
  std::vector<std::vector<float>> found(4);
  {
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < found.size(); ++t)
      threads.emplace_back([&, t] {
        for (int i = 0; i < 20; ++i) {
          const Image image = plain(static_cast<int>(40 * t), 100, 7);
          found[t] = embedder->embed(std::span(&image, 1)).at(0).feature;
        }
      });
  }
  for (std::size_t t = 0; t < found.size(); ++t) {
    const Image image = plain(static_cast<int>(40 * t), 100, 7);
    CHECK(found[t] == embedder->embed(std::span(&image, 1)).at(0).feature);
  }
}

TEST_CASE("settings lie beside the file, or in a packed copy with the same fingerprint") {
  const Folder folder;
  const fs::path path = folder.write("net.onnx", tiny_onnx(tiny_network(64)));
  CHECK(fails_with(ErrorCode::kNotFound, "net.onnx.json", [&] { read_onnx_settings(path); }));
  folder.write("net.onnx.json", R"({"input_px": 8, "mean": [0.5, 0, 0], "std": [1, 1, 0.5], "layout": "nchw",
                                   "channels": "bgr", "output": "output"})");
  const OnnxSettings read = read_onnx_settings(path);
  CHECK(read.name == "net");
  CHECK(read.input_px == 8);
  CHECK(read.mean == std::array{0.5F, 0.0F, 0.0F});
  CHECK(read.std == std::array{1.0F, 1.0F, 0.5F});
  CHECK(read.channels == OnnxSettings::Channels::kBgr);
  CHECK(read.layout == OnnxSettings::Layout::kNchw);
  CHECK(read.output == "output");

  const fs::path packed = folder.folder.path() / "packed";
  pack_onnx_model(path, read, packed);
  const OnnxSettings kept = read_onnx_settings(packed);
  CHECK(kept.name == "net");
  CHECK(kept.mean == read.mean);
  const auto embedder = load_onnx_embedder(packed, kept);
  CHECK(embedder->info().fingerprint == load_onnx_embedder(path, read)->info().fingerprint);
  OnnxSettings other = read;
  other.mean[0] = 0.25F;
  CHECK(embedder->info().fingerprint != load_onnx_embedder(path, other)->info().fingerprint);
  pack_onnx_model(packed, other, folder.folder.path() / "again");  // replaces what was kept
  CHECK(read_onnx_settings(folder.folder.path() / "again").mean[0] == 0.25F);
}

TEST_CASE("each bad setting is named") {
  const Folder folder;
  const fs::path path = folder.write("net.onnx", tiny_onnx(tiny_network(64)));
  const auto refused = [&](const std::string& json, const std::string& finding) {
    folder.write("net.onnx.json", json);
    return fails_with(ErrorCode::kCorrupt, finding, [&] { read_onnx_settings(path); });
  };
  CHECK(refused("", "no JSON object"));
  CHECK(refused("[1]", "no JSON object"));
  CHECK(refused(R"({"inputpx": 8})", "unknown key 'inputpx'"));
  CHECK(refused(R"({"input_px": 8.5})", "whole number from 8 to 2048"));
  CHECK(refused(R"({"input_px": 7})", "whole number from 8 to 2048"));
  CHECK(refused(R"({"input_px": 99999999999999})", "whole number from 8 to 2048"));
  CHECK(refused(R"({"mean": [1, 2]})", "'mean' must be three numbers"));
  CHECK(refused(R"({"mean": [1, 2, "x"]})", "'mean' must be three numbers"));
  CHECK(refused(R"({"std": [1, 0, 1]})", "'std' must be above 0"));
  CHECK(refused(R"({"std": [1, 1e300, 1]})", "'std' must be three numbers"));
  CHECK(refused(R"({"channels": "gbr"})", "'channels' must be"));
  CHECK(refused(R"({"layout": 1})", "'layout' must be"));
  CHECK(refused(R"({"name": 1})", "'name' must be a text"));
}

TEST_CASE("a network that does not fit its settings is refused") {
  const Folder folder;
  const fs::path path = folder.write("net.onnx", tiny_onnx(tiny_network(64)));
  OnnxSettings options = settings();
  options.output = "nothing";
  CHECK(fails_with(ErrorCode::kInvalidArgument, "no tensor 'nothing'",
                   [&] { load_onnx_embedder(path, options); }));
  CHECK(fails_with(ErrorCode::kInvalidArgument, "63 numbers", [&] {
    load_onnx_embedder(folder.write("small.onnx", tiny_onnx(tiny_network(63))), settings());
  }));
  TinyNetwork infinite = tiny_network(64);
  infinite.bias[5] = INFINITY;
  CHECK(fails_with(ErrorCode::kInvalidArgument, "not finite", [&] {
    load_onnx_embedder(folder.write("infinite.onnx", tiny_onnx(infinite)), settings());
  }));
  const auto embedder = load_onnx_embedder(path, settings());
  const Image empty;
  CHECK(fails_with(ErrorCode::kInvalidArgument, "empty picture",
                   [&] { embedder->embed(std::span(&empty, 1)); }));
}

TEST_CASE("files that are no network are refused") {
  const Folder folder;
  const auto refused = [&](const std::string& bytes, const std::string& finding) {
    const fs::path path = folder.write("bad.onnx", bytes);
    return fails_with(ErrorCode::kCorrupt, finding, [&] { load_onnx_embedder(path, settings()); });
  };
  CHECK(fails_with(ErrorCode::kNotFound, "missing.onnx",
                   [&] { load_onnx_embedder(folder.folder.path() / "missing.onnx", settings()); }));
  CHECK(refused("", "no network in it"));
  CHECK(refused("a text that is no network at all", "no ONNX file"));
  CHECK(refused(std::string(100, '\0'), "no ONNX file"));
  CHECK(refused(Message().number(1, 6).bytes(), "no network in it"));
  CHECK(refused(Message().text(7, "").bytes(), "bad.onnx"));
  CHECK(refused(Message().text(7, "garbage").bytes(), "bad.onnx"));
}

TEST_CASE("a truncated network is refused wherever it ends") {
  const Folder folder;
  const std::string whole = tiny_onnx(tiny_network(64));
  for (std::size_t size = 0; size < whole.size(); size += size < 300 ? 7 : 61) {
    const fs::path path = folder.write("cut.onnx", whole.substr(0, size));
    CHECK_THROWS_AS(load_onnx_embedder(path, settings()), Error);
  }
}

TEST_CASE("a flipped byte in the frame of a network is an error or changes nothing that matters") {
  const Folder folder;
  const std::string whole = tiny_onnx(tiny_network(64));
  const std::size_t weights = whole.find("weight", whole.find("tiny"));
  const Image picture = plain(1, 2, 3);
  for (std::size_t at = 0; at < whole.size(); at += at < weights ? 1 : 97) {
    std::string changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x41);
    const fs::path path = folder.write("flipped.onnx", changed);
    try {
      const auto embedder = load_onnx_embedder(path, settings());
      CHECK(embedder->embed(std::span(&picture, 1)).at(0).feature.size() == embedder->info().feature_dim);
    } catch (const Error& error) {
      CHECK(std::string(error.what()).find("flipped.onnx") != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace vitrine::test

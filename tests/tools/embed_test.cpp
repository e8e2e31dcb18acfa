// SPDX-License-Identifier: MIT
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "tools/random_model.h"
#include "tools/text_file.h"
#include "tools/workspace.h"
#include "vitrine/embedder.h"

namespace vitrine::test {
namespace {

using Json = nlohmann::json;

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(Json::parse(line));
  return lines;
}

// A file of NumPy's format 1.0, as numpy.lib.format describes it.
struct NpyArray {
  explicit NpyArray(const std::filesystem::path& path) {
    const std::string file = read_file(path);
    REQUIRE(file.size() >= 10);
    REQUIRE(file.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
    const std::size_t length =
        static_cast<unsigned char>(file[8]) + 256U * static_cast<unsigned char>(file[9]);
    CHECK((10 + length) % 64 == 0);
    header = file.substr(10, length);
    CHECK(header.back() == '\n');
    header.erase(header.find_last_not_of(" \n") + 1);
    data = file.substr(10 + length);
  }
  std::string header;
  std::string data;
};

std::string hex(const std::string& bytes) {
  std::string text;
  for (const char byte : bytes) {
    char digits[3];
    std::snprintf(digits, sizeof digits, "%02x", static_cast<unsigned char>(byte));
    text += digits;
  }
  return text;
}

void check_rows(const Workspace& work, const std::vector<Json>& lines) {
  const NpyArray features(work / "features.npy");
  const NpyArray codes(work / "codes.npy");
  const std::string n = std::to_string(lines.size());
  CHECK(features.header == "{'descr': '<f4', 'fortran_order': False, 'shape': (" + n + ", 64), }");
  CHECK(codes.header == "{'descr': '|u1', 'fortran_order': False, 'shape': (" + n + ", 8), }");
  REQUIRE(features.data.size() == lines.size() * 64 * 4);
  REQUIRE(codes.data.size() == lines.size() * 8);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    CHECK(lines[i]["code"] == hex(codes.data.substr(i * 8, 8)));
    std::vector<float> row(64);
    std::memcpy(row.data(), features.data.data() + i * 64 * 4, 64 * 4);
    CHECK(lines[i]["feature"].get<std::vector<float>>() == row);
  }
}

}  // namespace

TEST_CASE("vitrine-embed prints what the model makes of each picture, and the arrays have the same rows") {
  const Workspace work;
  work.add_shop();
  write_file(work / "shop/broken.jpg", "no picture");
  const ProcessResult result =
      work.run("vitrine-embed", {"shop", "missing.png", "shop/loose.png", "--npy", "features.npy", "--codes",
                                 "codes.npy", "--threads", "2"});
  CHECK(result.exit_code == 5);
  CHECK(result.err.find("vitrine-embed: shop/broken.jpg: ") != std::string::npos);
  CHECK(result.err.find("vitrine-embed: missing.png: ") != std::string::npos);
  CHECK(result.err.find("vitrine-embed: 7 embedded, 2 failed, ") != std::string::npos);
  const std::vector<Json> lines = lines_of(result.out);
  REQUIRE(lines.size() == 7);
  check_rows(work, lines);
  const Json& first = lines.front();
  CHECK(first["schema"] == "vitrine.embedding/1");
  CHECK(first["path"] == "shop/fruit/apple.jpg");
  CHECK(first["width"] == 48);
  CHECK(first["height"] == 48);
  CHECK(first["box"].is_null());
  CHECK_FALSE(first.contains("box_score"));
  CHECK(first["categories"].size() == 2);
  const auto embedder = load_embedder(test_model());
  CHECK(first["model"] == embedder->info().fingerprint);
  const Image image = Image::read(work / "shop/fruit/apple.jpg");
  const Embedding expected = embedder->embed(std::span(&image, 1)).front();
  CHECK(first["feature"].get<std::vector<float>>() == expected.feature);
  CHECK(first["categories"][0]["probability"].get<double>() ==
        Approx(std::max(expected.category_probabilities[0], expected.category_probabilities[1])));
  CHECK(lines.back()["path"] == "shop/loose.png");
}

TEST_CASE("pictures come from manifests and from lists on standard input") {
  const Workspace work;
  work.add_shop();
  write_file(work / "list.csv", "path,product\nshop/loose.png,a\nshop/fruit/pear.png,b\n");
  const ProcessResult manifest = work.run("vitrine-embed", {"list.csv", "--no-vectors"});
  CHECK(manifest.exit_code == 0);
  const std::vector<Json> lines = lines_of(manifest.out);
  REQUIRE(lines.size() == 2);
  CHECK(lines[1]["path"] == "shop/fruit/pear.png");
  CHECK_FALSE(lines[1].contains("code"));
  CHECK_FALSE(lines[1].contains("feature"));
  const ProcessResult listed =
      work.run("vitrine-embed", {"--files-from", "-", "-0", "--json", "--no-vectors", "-q"},
               {.input = std::string("shop/loose.png\0shop/fruit/pear.png\0", 35)});
  CHECK(listed.exit_code == 0);
  CHECK(listed.err.empty());
  const Json array = Json::parse(listed.out);
  REQUIRE(array.size() == 2);
  CHECK(array[0]["path"] == "shop/loose.png");
  CHECK(array[1] == lines[1]);
}

TEST_CASE("a region of every picture can be described, or all of it") {
  const Workspace work;
  write_random_model(work / "detecting.safetensors", "detecting", 5, {}, true);
  work.add_picture("a.png", 1, 200);
  const auto run = [&](const std::vector<std::string>& options) {
    std::vector<std::string> arguments = {"a.png", "--model", "detecting.safetensors", "-q"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProcessResult result = work.run("vitrine-embed", arguments);
    REQUIRE(result.exit_code == 0);
    return Json::parse(result.out);
  };
  const Json found = run({});
  REQUIRE(found["box"].size() == 4);
  CHECK(found["box_score"].get<double>() >= 0);
  CHECK(found["categories"].empty());
  const Json whole = run({"--box", "whole"});
  CHECK(whole["box"].is_null());
  CHECK(whole["feature"] == run({"--box", "0,0,200,200"})["feature"]);
  CHECK(whole["feature"] != run({"--box", "20,30,60,60"})["feature"]);
  const ProcessResult outside =
      work.run("vitrine-embed", {"a.png", "--model", "detecting.safetensors", "--box", "300,0,10,10"});
  CHECK(outside.exit_code == 3);
  CHECK(outside.err.find("a.png: cannot crop") != std::string::npos);
}

TEST_CASE("vitrine-embed says what is wrong by its exit status") {
  const Workspace work;
  std::filesystem::create_directories(work / "empty");
  CHECK(work.run("vitrine-embed", {}).exit_code == 2);
  CHECK(work.run("vitrine-embed", {"a.png", "--box", "1,2"}).exit_code == 2);
  CHECK(work.run("vitrine-embed", {"empty"}).exit_code == 1);
  CHECK(work.run("vitrine-embed", {"missing.png"}).exit_code == 3);
  CHECK(work.run("vitrine-embed", {"missing.csv"}).exit_code == 3);
  work.add_picture("a.png", 1);
  CHECK(work.run("vitrine-embed", {"a.png", "--model", "a.png"}).exit_code == 3);
  CHECK(work.run("vitrine-embed", {"a.png", "--npy", "nowhere/features.npy"}).exit_code == 3);
}

TEST_CASE("an array that cannot be written whole does not appear") {
  const Workspace work;
  std::string list;
  work.add_picture("a.png", 1);
  for (int i = 0; i < 60; ++i) list += "a.png\n";
  const ProcessResult result =
      work.run("vitrine-embed", {"--files-from", "-", "--format", "none", "--npy", "features.npy"},
               {.input = list, .file_size_limit_bytes = 10'000});
  CHECK(result.exit_code == 3);
  CHECK(result.err.find("features.npy") != std::string::npos);
  CHECK(result.out.empty());
  for (const auto& entry : std::filesystem::directory_iterator(work.folder()))
    CHECK(entry.path().filename() == "a.png");
}

TEST_CASE("Ctrl-C ends vitrine-embed with arrays that hold what was printed") {
  const Workspace work;
  work.add_picture("a.png", 1, 300);
  std::string list;
  for (int i = 0; i < 20'000; ++i) list += "a.png\n";
  write_file(work / "list", list);
  Process process(tool_path("vitrine-embed"),
                  {"--files-from", "list", "--npy", "features.npy", "--codes", "codes.npy", "-t", "1"},
                  work.prepared({.output = work / "out"}));
  while (process.running() &&
         (!std::filesystem::exists(work / "out") || std::filesystem::file_size(work / "out") == 0))
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  process.send_signal(SIGINT);
  CHECK(process.wait().exit_code == 130);
  const std::vector<Json> lines = lines_of(read_file(work / "out"));
  CHECK(lines.size() < 20'000);
  check_rows(work, lines);
}

}  // namespace vitrine::test

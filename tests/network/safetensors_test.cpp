// SPDX-License-Identifier: MIT
#include "network/safetensors.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <limits>

#include "network/error_matcher.h"
#include "temporary_folder.h"

namespace vitrine::test {
namespace {

using network::Dtype;
using network::NamedTensor;
using network::SafetensorsFile;

const std::vector<float> kFloats = {1.5F, -2.0F, 0.25F, 65504.0F, 0.0F, -1.0F};
const std::vector<std::int64_t> kIntegers = {1, -2, std::numeric_limits<std::int64_t>::max()};

std::vector<NamedTensor> some_tensors() {
  return {network::float16_tensor("half", {6}, kFloats), network::int64_tensor("whole", {3, 1}, kIntegers),
          network::float32_tensor("single", {2, 3}, kFloats), network::float32_tensor("empty", {0, 4}, {})};
}

template <typename... Extents>
std::vector<std::int64_t> shape(Extents... extents) {
  return {extents...};
}

TEST_CASE("what is written is read back") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.safetensors";
  network::write_safetensors(path, {{"format", "x"}, {"note", "\u00e4\n\""}}, some_tensors());
  const auto file = SafetensorsFile::open(path);
  REQUIRE(file.path() == path);
  REQUIRE(file.tensors().size() == 4);
  REQUIRE(file.required_metadata("note") == "\u00e4\n\"");
  REQUIRE(file.floats("single", shape(2, 3)) == kFloats);
  REQUIRE(file.floats("half", shape(6)) == kFloats);
  REQUIRE(file.floats("empty", shape(0, 4)).empty());
  REQUIRE(file.integers("whole", shape(3, 1)) == kIntegers);
  REQUIRE(file.contains("half"));
  REQUIRE_FALSE(file.contains("quarter"));
}

TEST_CASE("a file without tensors is valid") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.safetensors";
  network::write_safetensors(path, {}, {});
  REQUIRE(SafetensorsFile::open(path).tensors().empty());
}

TEST_CASE("a copy of an open file shares the mapping, also after the file is gone") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.safetensors";
  network::write_safetensors(path, {}, some_tensors());
  auto copy = std::make_unique<SafetensorsFile>(SafetensorsFile::open(path));
  const SafetensorsFile file = *copy;
  copy.reset();
  std::filesystem::remove(path);
  REQUIRE(file.floats("single", shape(2, 3)) == kFloats);
}

TEST_CASE("tensors lie aligned to their type") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.safetensors";
  const std::vector<NamedTensor> tensors = {network::float16_tensor("h", {1}, std::span(kFloats).first(1)),
                                            network::float32_tensor("f", {6}, kFloats),
                                            network::int64_tensor("i", {3}, kIntegers)};
  network::write_safetensors(path, {}, tensors);
  const auto file = SafetensorsFile::open(path);
  REQUIRE(reinterpret_cast<std::uintptr_t>(file.tensors().at("f").bytes.data()) % 4 == 0);
  REQUIRE(reinterpret_cast<std::uintptr_t>(file.tensors().at("i").bytes.data()) % 8 == 0);
}

TEST_CASE("asking for what a file does not hold names file, tensor, expected and found") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.safetensors";
  network::write_safetensors(path, {}, some_tensors());
  const auto file = SafetensorsFile::open(path);
  const auto error = error_of([&] { file.floats("single", shape(3, 2)); });
  REQUIRE(error);
  REQUIRE(error->code() == ErrorCode::kCorrupt);
  for (const char* part : {"a.safetensors", "single", "[3, 2]", "[2, 3]"}) {
    REQUIRE_THAT(error->what(), Catch::Contains(part));
  }
  REQUIRE(fails_with(ErrorCode::kCorrupt, "missing", [&] { file.floats("other", shape(1)); }));
  REQUIRE(fails_with(ErrorCode::kCorrupt, "I64", [&] { file.floats("whole", shape(3, 1)); }));
  REQUIRE(fails_with(ErrorCode::kCorrupt, "F32", [&] { file.integers("single", shape(2, 3)); }));
  REQUIRE(
      fails_with(ErrorCode::kCorrupt, "'licence' is missing", [&] { file.required_metadata("licence"); }));
}

TEST_CASE("NaN and infinity are refused when floats are read") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.safetensors";
  const float bad[] = {0, std::numeric_limits<float>::quiet_NaN(), 1,
                       -std::numeric_limits<float>::infinity()};
  const NamedTensor tensors[] = {network::float32_tensor("nan", {2}, std::span(bad).first(2)),
                                 network::float32_tensor("inf", {2}, std::span(bad).last(2)),
                                 {"half", Dtype::kFloat16, {1}, {std::byte{0}, std::byte{0x7C}}}};
  network::write_safetensors(path, {}, tensors);
  const auto file = SafetensorsFile::open(path);
  REQUIRE(fails_with(ErrorCode::kCorrupt, "'nan': value 1 is", [&] { file.floats("nan", shape(2)); }));
  REQUIRE(fails_with(ErrorCode::kCorrupt, "'inf': value 1 is", [&] { file.floats("inf", shape(2)); }));
  REQUIRE(fails_with(ErrorCode::kCorrupt, "'half': value 0 is", [&] { file.floats("half", shape(1)); }));
}

TEST_CASE("half precision refuses values it cannot hold") {
  for (const float value : {65536.0F, -1e9F, std::numeric_limits<float>::quiet_NaN()}) {
    REQUIRE(fails_with(ErrorCode::kInvalidArgument, "'t'",
                       [&] { network::float16_tensor("t", {1}, std::span(&value, 1)); }));
  }
}

TEST_CASE("the writer refuses what it could not read back and leaves the old file") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.safetensors";
  network::write_safetensors(path, {}, some_tensors());
  const auto refused = [&](std::map<std::string, std::string> metadata, std::vector<NamedTensor> tensors) {
    return error_of([&] { network::write_safetensors(path, metadata, tensors); })->code() ==
           ErrorCode::kInvalidArgument;
  };
  REQUIRE(refused({}, {network::float32_tensor("t", {7}, kFloats)}));
  REQUIRE(refused({}, {network::float32_tensor("t", {-1}, kFloats)}));
  REQUIRE(
      refused({}, {network::float32_tensor("t", {6}, kFloats), network::float32_tensor("t", {6}, kFloats)}));
  REQUIRE(refused({}, {network::float32_tensor("__metadata__", {6}, kFloats)}));
  REQUIRE(refused({}, {network::float32_tensor("\xFF", {6}, kFloats)}));
  REQUIRE(refused({{"note", "\xFF"}}, {}));
  REQUIRE(SafetensorsFile::open(path).tensors().size() == 4);
  REQUIRE(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 1);
}

TEST_CASE("writing replaces a file and leaves nothing else behind") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "a.safetensors";
  // What a writer that died may have left does not stand in the way.
  std::ofstream(folder.path() / "a.safetensors.tmp0") << "torn";
  network::write_safetensors(path, {}, some_tensors());
  network::write_safetensors(path, {{"round", "2"}}, {});
  REQUIRE(SafetensorsFile::open(path).required_metadata("round") == "2");
  REQUIRE(std::distance(std::filesystem::directory_iterator(folder.path()), {}) == 2);
}

TEST_CASE("writing into a folder that does not exist is an error that names it") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "none" / "a.safetensors";
  REQUIRE(fails_with(ErrorCode::kNotFound, "none", [&] { network::write_safetensors(path, {}, {}); }));
}

TEST_CASE("opening what is not there, or a folder, is an error") {
  const TemporaryFolder folder;
  REQUIRE(error_of([&] { SafetensorsFile::open(folder.path() / "none"); })->code() == ErrorCode::kNotFound);
  REQUIRE(error_of([&] { SafetensorsFile::open(folder.path()); }));
}

}  // namespace
}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include "engine/file_reader.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <functional>

#include "engine/test_folder.h"
#include "vitrine/error.h"

using namespace vitrine;

namespace {

ErrorCode code_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.code();
  }
  return ErrorCode::kInternal;
}

}  // namespace

TEST_CASE("a file is read with its size and time") {
  const test::TestFolder folder;
  const std::string path = folder.write("a", std::string_view("hello")).string();
  const engine::FileContent content = engine::read_file(path, 5);
  CHECK(content.bytes.size() == 5);
  CHECK(content.facts.size_bytes == 5);
  CHECK(content.facts == engine::inspect_file(path));
  CHECK(engine::read_file(folder.write("empty", std::string_view()).string(), 5).bytes.empty());
}

TEST_CASE("what is too large, missing or no file is refused without waiting") {
  const test::TestFolder folder;
  const std::string path = folder.write("a", std::string_view("hello")).string();
  const std::string pipe = (folder / "pipe").string();
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(code_of([&] { engine::read_file(path, 4); }) == ErrorCode::kResource);
  CHECK(code_of([&] { engine::read_file(path + "x", 4); }) == ErrorCode::kNotFound);
  CHECK(code_of([&] { engine::read_file(pipe, 4); }) == ErrorCode::kInvalidArgument);
  CHECK(code_of([&] { engine::read_file(folder.path().string(), 4); }) == ErrorCode::kInvalidArgument);
  CHECK(code_of([&] { engine::inspect_file(pipe); }) == ErrorCode::kInvalidArgument);
}

// SPDX-License-Identifier: MIT
#include "base/temporary_file.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "temporary_folder.h"
#include "vitrine/error.h"

namespace vitrine::test {
namespace {

std::string content(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::size_t num_files(const std::filesystem::path& folder) {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

TEST_CASE("a temporary file takes its place when committed, and vanishes otherwise") {
  const TemporaryFolder folder;
  const std::filesystem::path target = folder.path() / "list.csv";
  {
    base::TemporaryFile file(target);
    file.write("first ");
    file.write("text");
    file.write_at(0, "F");
    CHECK_FALSE(std::filesystem::exists(target));
    file.commit();
  }
  CHECK(content(target) == "First text");
  { base::TemporaryFile(target).write("given up"); }
  CHECK(content(target) == "First text");
  base::TemporaryFile again(target);
  again.write("second");
  again.commit();
  CHECK(content(target) == "second");
  CHECK(num_files(folder.path()) == 1);
}

TEST_CASE("folders, pipes and devices are not replaced") {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path() / "folder");
  const std::filesystem::path pipe = folder.path() / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  for (const char* name : {"folder", "pipe"}) {
    try {
      base::TemporaryFile file(folder.path() / name);
      FAIL("expected an error");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kInvalidArgument);
      CHECK(std::string(error.what()).find("would be replaced") != std::string::npos);
    }
  }
  CHECK(std::filesystem::is_fifo(pipe));
  CHECK(num_files(folder.path()) == 2);
  CHECK_THROWS_AS(base::TemporaryFile(folder.path() / "none" / "x"), Error);
}

}  // namespace vitrine::test

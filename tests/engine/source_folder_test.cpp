// SPDX-License-Identifier: MIT
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "engine/test_folder.h"
#include "vitrine/error.h"
#include "vitrine/ingest.h"

using namespace vitrine;
using test::TestFolder;

namespace {

constexpr std::string_view kAnything = "x";  // listing opens no picture

std::vector<std::string> pictures(const IngestSource& source) {
  std::vector<std::string> names;
  for (const IngestEntry& entry : source.entries) names.push_back(entry.key.picture);
  return names;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("pictures are listed recursively in path order with the first folder level as category") {
  const TestFolder folder;
  for (const char* name : {"shoes/red/2.JPG", "shoes/red/1.jpeg", "bags/a.png", "z.webp", "shoes/notes.txt",
                           "b.tiff", "c.bmp", "noextension", "jpg"})
    folder.write(name, kAnything);
  const IngestSource source = list_folder(folder.path());
  CHECK(pictures(source) ==
        Names{"b.tiff", "bags/a.png", "c.bmp", "shoes/red/1.jpeg", "shoes/red/2.JPG", "z.webp"});
  CHECK(source.failures.empty());
  CHECK(source.entries[0].category.empty());
  CHECK(source.entries[0].key.product == "b");
  CHECK(source.entries[3].category == "shoes");
  CHECK(source.entries[3].key.product == "shoes/red/1");
  CHECK(source.entries[3].path == (folder / "shoes/red/1.jpeg").string());
}

TEST_CASE("a folder can be one product") {
  const TestFolder folder;
  for (const char* name : {"shoes/red/1.jpg", "shoes/red/2.jpg", "shoes/3.jpg", "4.jpg"})
    folder.write(name, kAnything);
  const IngestSource source = list_folder(folder.path(), ProductRule::kFolder);
  REQUIRE(source.entries.size() == 4);
  CHECK(source.entries[0].key == ItemKey{".", "4.jpg"});
  CHECK(source.entries[1].key == ItemKey{"shoes", "shoes/3.jpg"});
  CHECK(source.entries[2].key == ItemKey{"shoes/red", "shoes/red/1.jpg"});
  CHECK(source.entries[3].key == ItemKey{"shoes/red", "shoes/red/2.jpg"});
}

TEST_CASE("an empty folder is an empty source") {
  const TestFolder folder;
  const IngestSource source = list_folder(folder.path());
  CHECK(source.entries.empty());
  CHECK(source.failures.empty());
}

TEST_CASE("hidden files and folders are passed over") {
  const TestFolder folder;
  folder.write(".hidden.jpg", kAnything);
  folder.write(".thumbnails/a.jpg", kAnything);
  folder.write("a.jpg", kAnything);
  CHECK(pictures(list_folder(folder.path())) == Names{"a.jpg"});
}

TEST_CASE("links to files are followed, to folders not, and a loop of links ends") {
  const TestFolder folder;
  const TestFolder elsewhere;
  const auto outside = elsewhere.write("outside.jpg", kAnything);
  folder.write("real/a.jpg", kAnything);
  std::filesystem::create_symlink(outside, folder / "linked.jpg");
  std::filesystem::create_directory_symlink(folder.path(), folder / "real/loop");
  std::filesystem::create_directory_symlink(folder.path(), folder / "loop.jpg");
  const IngestSource source = list_folder(folder.path());
  CHECK(pictures(source) == Names{"linked.jpg", "real/a.jpg"});
  CHECK(source.failures.empty());
}

TEST_CASE("a link to nothing is a failure") {
  const TestFolder folder;
  std::filesystem::create_symlink("nowhere", folder / "broken.jpg");
  std::filesystem::create_symlink("circle.jpg", folder / "circle.jpg");
  const IngestSource source = list_folder(folder.path());
  CHECK(source.entries.empty());
  REQUIRE(source.failures.size() == 2);
  CHECK(source.failures[0].path == (folder / "broken.jpg").string());
}

TEST_CASE("a pipe with the name of a picture is passed over") {
  const TestFolder folder;
  REQUIRE(::mkfifo((folder / "pipe.jpg").c_str(), 0600) == 0);
  CHECK(list_folder(folder.path()).entries.empty());
}

TEST_CASE("names that are not UTF-8 keep their bytes as path and become printable keys") {
  const TestFolder folder;
  folder.write("caf\xE9/a\nb.jpg", kAnything);
  const IngestSource source = list_folder(folder.path());
  REQUIRE(source.entries.size() == 1);
  CHECK(source.entries[0].path == folder.path().string() + "/caf\xE9/a\nb.jpg");
  CHECK(source.entries[0].key == ItemKey{"caf%E9/a%0Ab", "caf%E9/a%0Ab.jpg"});
  CHECK(source.entries[0].category == "caf%E9");
}

TEST_CASE("of two files with the same printable name the second is a failure") {
  const TestFolder folder;
  folder.write("caf%E9.jpg", kAnything);
  folder.write("caf\xE9.jpg", kAnything);
  const IngestSource source = list_folder(folder.path());
  REQUIRE(source.entries.size() == 1);
  CHECK(source.entries[0].path.ends_with("caf%E9.jpg"));
  REQUIRE(source.failures.size() == 1);
  CHECK(source.failures[0].path.ends_with("caf\xE9.jpg"));
}

TEST_CASE("a missing folder and a file in its place are errors") {
  const TestFolder folder;
  const auto file = folder.write("a.jpg", kAnything);
  for (const auto& path : {folder / "missing", file}) {
    try {
      list_folder(path);
      FAIL("expected an error");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kNotFound);
      CHECK(std::string(error.what()).find(path.string()) != std::string::npos);
    }
  }
}

TEST_CASE("a folder that cannot be listed is a failure and the others are listed") {
  const TestFolder folder;
  folder.write("a/1.jpg", kAnything);
  folder.write("b/2.jpg", kAnything);
  // Permissions do not stop the administrator; a path longer than the system allows stops everybody.
  const std::string long_name(250, 'd');
  REQUIRE(::chdir(folder.path().c_str()) == 0);
  for (int depth = 0; depth < 18; ++depth) {
    REQUIRE(::mkdir(long_name.c_str(), 0700) == 0);
    REQUIRE(::chdir(long_name.c_str()) == 0);
  }
  REQUIRE(::chdir("/") == 0);
  const IngestSource source = list_folder(folder.path());
  CHECK(pictures(source) == Names{"a/1.jpg", "b/2.jpg"});
  REQUIRE(source.failures.size() == 1);
  CHECK(source.failures[0].reason.starts_with("cannot list"));
}

TEST_CASE("one place below a folder is listed as listing all of the folder lists it") {
  const TestFolder folder;
  for (const char* name : {"shoes/red/2.jpg", "shoes/red/deep/1.jpg", "shoes/redder/3.jpg", "a.png",
                           "notes.txt", ".hidden/4.jpg", "shoes/.5.jpg"})
    folder.write(name, kAnything);
  CHECK(pictures(list_below(folder.path(), "shoes/red")) == Names{"shoes/red/2.jpg", "shoes/red/deep/1.jpg"});
  CHECK(pictures(list_below(folder.path(), "a.png")) == Names{"a.png"});
  for (const char* place :
       {"notes.txt", ".hidden", ".hidden/4.jpg", "shoes/.5.jpg", "missing", "a.png/x.jpg"}) {
    INFO(place);
    const IngestSource source = list_below(folder.path(), place);
    CHECK(source.entries.empty());
    CHECK(source.failures.empty());
  }
  for (const ProductRule rule : {ProductRule::kFile, ProductRule::kFolder}) {
    const IngestSource whole = list_folder(folder.path(), rule);
    const IngestSource one = list_below(folder.path(), "shoes/red/2.jpg", rule);
    REQUIRE(one.entries.size() == 1);
    CHECK(one.entries[0].key == whole.entries[1].key);
    CHECK(one.entries[0].path == whole.entries[1].path);
    CHECK(one.entries[0].category == "shoes");
  }
}

// SPDX-License-Identifier: MIT
// Files that are not what their name says, one kind per case: each is reported with its reason, all others
// are indexed.
#include <catch2/catch.hpp>

#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

// The start of a PNG that announces 60,000 x 60,000 pixels (10.8 GB).
constexpr unsigned char kHugePng[] = {0x89, 'P',  'N', 'G', '\r', '\n', 0x1A, '\n', 0,    0,    0,
                                      13,   'I',  'H', 'D', 'R',  0,    0,    0xEA, 0x60, 0,    0,
                                      0xEA, 0x60, 8,   2,   0,    0,    0,    0x42, 0x6B, 0xF3, 0x47};

// Indexes a shop of six good pictures and one bad file; returns what was said about the bad one.
std::string failure_of(const Workspace& work, const std::string& bad_name) {
  const ProcessResult result = work.run("vitrine-index", {"shop"});
  CHECK(result.exit_code == 5);
  CHECK(result.out.find("6 added") != std::string::npos);
  CHECK(result.out.find("1 failed") != std::string::npos);
  CHECK(result.err.find("vitrine-index: $W/shop/" + bad_name + ": ") == 0);
  return result.err;
}

}  // namespace

TEST_CASE("an empty file is reported") {
  const Workspace work;
  work.add_shop();
  write_file(work / "shop/zero.jpg", "");
  failure_of(work, "zero.jpg");
}

TEST_CASE("a truncated JPEG is reported, not indexed half grey") {
  const Workspace work;
  work.add_shop();
  work.add_picture("shop/cut.jpg", 9, 200);
  const std::string whole = read_file(work / "shop/cut.jpg");
  write_file(work / "shop/cut.jpg", whole.substr(0, whole.size() / 2));
  failure_of(work, "cut.jpg");
}

TEST_CASE("text named .jpg is reported") {
  const Workspace work;
  work.add_shop();
  write_file(work / "shop/letter.jpg", "Dear customer,\n");
  failure_of(work, "letter.jpg");
}

TEST_CASE("a header announcing 60,000 x 60,000 pixels is refused without allocating them") {
  const Workspace work;
  work.add_shop();
  write_file(work / "shop/huge.png", std::as_bytes(std::span(kHugePng)));
  failure_of(work, "huge.png");
}

TEST_CASE("--max-megapixels refuses large pictures") {
  const Workspace work;
  work.add_shop();
  work.add_picture("shop/large.png", 9, 1100);
  const ProcessResult result = work.run("vitrine-index", {"shop", "--max-megapixels", "1"});
  CHECK(result.exit_code == 5);
  CHECK(result.err.find("$W/shop/large.png: ") != std::string::npos);
}

TEST_CASE("names that are not UTF-8 are indexed and escaped in the list of failures") {
  const Workspace work;
  work.add_shop();
  work.add_picture("shop/caf\xE9.jpg", 9);
  write_file(work / "shop/bad\xFF.jpg", "no picture");
  const ProcessResult result = work.run("vitrine-index", {"shop", "--errors", "failed.tsv"});
  CHECK(result.exit_code == 5);
  CHECK(result.out.find("7 added") != std::string::npos);
  CHECK(work.normalised(read_file(work / "failed.tsv")).find("$W/shop/bad\\xff.jpg\t") == 0);
  const ProcessResult paths =
      work.run("vitrine-query", {"shop.vitrine", "shop/caf\xE9.jpg", "-k", "1", "--format", "paths"});
  CHECK(paths.out == "$W/shop/caf\xE9.jpg\n");
}

TEST_CASE("a loop of symbolic links ends") {
  const Workspace work;
  work.add_shop();
  fs::create_directory_symlink(work / "shop", work / "shop/again");
  fs::create_symlink(work / "shop/self.jpg", work / "shop/self.jpg");
  const ProcessResult result = work.run("vitrine-index", {"shop"});
  CHECK(result.exit_code == 5);
  CHECK(result.out.find("6 added") != std::string::npos);
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
// Places that cannot be written to.
#include <catch2/catch.hpp>

#include "tools/text_file.h"
#include "tools/workspace.h"
#include "vitrine/catalog.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

}  // namespace

TEST_CASE("a full disk ends the run with a message, and the catalogue stays usable") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  for (int i = 0; i < 300; ++i) {
    work.add_picture("shop/more/" + std::to_string(i) + ".png", 100 + static_cast<std::uint64_t>(i), 8);
  }
  // No file may grow beyond this: the limit stands for the disk's last free block.
  const std::size_t limit_bytes = 60'000;
  const ProcessResult full =
      work.run("vitrine-index", {"shop", "--commit-every", "50"}, {.file_size_limit_bytes = limit_bytes});
  CHECK(full.exit_code == 3);
  CHECK(full.err.find("vitrine-index: ") != std::string::npos);
  CHECK(Catalog::open(work / "shop.vitrine").verify().empty());
  const ProcessResult resumed = work.run("vitrine-index", {"shop"});
  CHECK(resumed.exit_code == 0);
  CHECK(resumed.out.find("shop.vitrine: 306 pictures\n") == 0);
}

TEST_CASE("a folder that may not be written to is refused") {
  const Workspace work;
  work.add_shop();
  const ProcessResult result =
      work.run("vitrine-index", {"shop", "-o", "closed/x.vitrine"}, {.without_privileges = true});
  CHECK(result.exit_code == 3);
  CHECK(result.out.empty());
}

TEST_CASE("a catalogue that may only be read can be searched but not changed") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const ProcessOptions reader = {.without_privileges = true};
  CHECK(work.run("vitrine-query", {"shop.vitrine", "shop/loose.png"}, reader).exit_code == 0);
  const ProcessResult result = work.run("vitrine-index", {"shop"}, reader);
  CHECK(result.exit_code == 3);
  CHECK(result.err.find("Permission denied") != std::string::npos);
}

TEST_CASE("results that do not fit on the disk are an error, not half a file") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const ProcessResult standard =
      work.run("vitrine-query", {"shop.vitrine", "shop/loose.png"}, {.output = "/dev/full"});
  CHECK(standard.exit_code == 3);
  CHECK(standard.err == "vitrine-query: cannot write the results to standard output; is the disk full?\n");
  const ProcessResult page =
      work.run("vitrine-query", {"shop.vitrine", "shop/loose.png", "--html", "/dev/full"});
  CHECK(page.exit_code == 3);
  CHECK(page.err == "vitrine-query: cannot write '/dev/full': No space left on device\n");
  const ProcessResult errors = work.run("vitrine-index", {"shop", "--errors", "none/failed.tsv"});
  CHECK(errors.exit_code == 3);
  CHECK(errors.err.find("cannot write 'none/failed.tsv'") != std::string::npos);
}

}  // namespace vitrine::test

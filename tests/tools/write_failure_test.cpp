// SPDX-License-Identifier: MIT
// Places that cannot be written to.
#include <sys/mount.h>

#include <catch2/catch.hpp>

#include "tools/text_file.h"
#include "tools/workspace.h"
#include "vitrine/catalog.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

/// A file system of a few megabytes in memory.
class SmallDisk {
 public:
  explicit SmallDisk(const fs::path& folder) : folder_(folder) {
    fs::create_directories(folder);
    mounted_ = set_size(64 << 10, 0);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
  }

  /// False where this user may not mount anything.
  bool mounted() const { return mounted_; }
  void resize(std::uintmax_t bytes) const { REQUIRE(set_size(bytes, MS_REMOUNT)); }

 private:
  bool set_size(std::uintmax_t bytes, unsigned long flags) const {
    const std::string size = "size=" + std::to_string(bytes);
    return ::mount("tmpfs", folder_.c_str(), "tmpfs", flags, size.c_str()) == 0;
  }

  fs::path folder_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("a really full disk loses nothing that was committed, and the run goes on once there is space") {
  const Workspace work;
  work.add_shop();
  for (int i = 0; i < 300; ++i) {
    work.add_picture("shop/more/" + std::to_string(i) + ".png", 100 + static_cast<std::uint64_t>(i), 8);
  }
  const SmallDisk disk(work / "disk");
  if (!disk.mounted()) {
    WARN("skipped: only root may mount a small disk");
    return;
  }
  const std::vector<std::string> index{"shop", "-o", "disk/shop.vitrine", "--commit-every", "50"};
  // Not even the model fits.
  const ProcessResult tiny = work.run("vitrine-index", index);
  CHECK(tiny.exit_code == 3);
  CHECK(tiny.err.find("No space left on device") != std::string::npos);
  // Some of the pictures fit.
  const std::uintmax_t model_bytes = fs::file_size(test_model());
  disk.resize(model_bytes + (250 << 10));
  const ProcessResult full = work.run("vitrine-index", index);
  CHECK(full.exit_code == 3);
  CHECK(full.err.find("disk/shop.vitrine") != std::string::npos);
  {
    const Catalog catalog = Catalog::open(work / "disk/shop.vitrine");
    CHECK(catalog.verify().empty());
    CHECK(catalog.stats().num_items < 306);
  }
  disk.resize(model_bytes + (8 << 20));
  const ProcessResult resumed = work.run("vitrine-index", index);
  CHECK(resumed.exit_code == 0);
  CHECK(resumed.out.find("shop.vitrine: 306 pictures\n") != std::string::npos);
  CHECK(Catalog::open(work / "disk/shop.vitrine").verify().empty());
}

TEST_CASE("a file that cannot grow ends the run with a message, and the catalogue stays usable") {
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

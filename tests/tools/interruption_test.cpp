// SPDX-License-Identifier: MIT
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <thread>

#include "tools/text_file.h"
#include "tools/workspace.h"
#include "vitrine/catalog.h"

namespace vitrine::test {
namespace {

using std::chrono::milliseconds;

constexpr int kNumPictures = 60;

// Pictures large enough that indexing them takes a good part of a second. Drawing them takes longer, so all
// tests share them.
void add_slow_shop(const Workspace& work) {
  static const Workspace shared;
  if (!std::filesystem::exists(shared / "shop")) {
    for (int i = 0; i < kNumPictures; ++i) {
      shared.add_picture("shop/" + std::to_string(i) + ".png", static_cast<std::uint64_t>(i), 300);
    }
  }
  std::filesystem::copy(shared / "shop", work / "shop", std::filesystem::copy_options::recursive);
}

// Starts indexing and sends the signal as soon as the catalogue is there and a moment has passed.
ProcessResult interrupted_run(const Workspace& work, int signal_number, milliseconds moment) {
  Process process(tool_path("vitrine-index"), {"shop", "--commit-every", "4", "--threads", "1"},
                  work.prepared({}));
  while (process.running() && !std::filesystem::exists(work / "shop.vitrine/catalog.sqlite")) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  std::this_thread::sleep_for(moment);
  process.send_signal(signal_number);
  return process.wait();
}

}  // namespace

TEST_CASE("Ctrl-C ends at a clean checkpoint, and the same command goes on from there") {
  const Workspace work;
  add_slow_shop(work);
  const ProcessResult stopped = interrupted_run(work, SIGINT, milliseconds(50));
  REQUIRE(stopped.exit_code == 130);
  CHECK(stopped.err.find("Stopping at a clean checkpoint; once more to stop at once.\n") !=
        std::string::npos);
  CHECK(stopped.err.find(
            "vitrine-index: interrupted; everything up to here is saved, the same command goes on\n") !=
        std::string::npos);
  const std::uint64_t num_saved = Catalog::open(work / "shop.vitrine").stats().num_items;
  CHECK(num_saved < kNumPictures);
  CHECK(Catalog::open(work / "shop.vitrine").verify().empty());
  const ProcessResult resumed = work.run("vitrine-index", {"shop"});
  CHECK(resumed.exit_code == 0);
  CHECK(resumed.out.find(std::to_string(kNumPictures - num_saved) +
                         " added, 0 modified, 0 removed, 0 renamed, " + std::to_string(num_saved) +
                         " unchanged") != std::string::npos);
}

TEST_CASE("after kill -9 at any moment the catalogue is whole and the next run completes it") {
  const Workspace work;
  add_slow_shop(work);
  int num_killed = 0;
  for (const int moment_ms : {0, 30, 90, 200}) {
    INFO(moment_ms);
    std::filesystem::remove_all(work / "shop.vitrine");
    const ProcessResult killed = interrupted_run(work, SIGKILL, milliseconds(moment_ms));
    // A fast machine may be done before the later moments come.
    CHECK((killed.exit_code == 128 + SIGKILL || killed.exit_code == 0));
    num_killed += killed.exit_code == 0 ? 0 : 1;
    CHECK(Catalog::open(work / "shop.vitrine", Catalog::Mode::kReadWrite).verify().empty());
  }
  CHECK(num_killed > 0);
  const ProcessResult resumed = work.run("vitrine-index", {"shop"});
  CHECK(resumed.exit_code == 0);
  CHECK(resumed.out.find("shop.vitrine: 60 pictures\n") == 0);
}

TEST_CASE("an evaluation that is interrupted reports what it has") {
  const Workspace work;
  add_slow_shop(work);
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  std::string queries = "path,product\n";
  for (int i = 0; i < 40 * kNumPictures; ++i) {
    queries += "shop/" + std::to_string(i % kNumPictures) + ".png," + std::to_string(i % kNumPictures) + "\n";
  }
  write_file(work / "queries.csv", queries);
  Process process(tool_path("vitrine-eval"), {"shop.vitrine", "queries.csv"}, work.prepared({}));
  std::this_thread::sleep_for(milliseconds(500));
  process.send_signal(SIGTERM);
  const ProcessResult result = process.wait();
  CHECK(result.exit_code == 130);
  CHECK(result.out.find("photos evaluated") != std::string::npos);
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include <signal.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <cstdlib>
#include <map>
#include <random>
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

namespace {

using Stored = std::map<ItemKey, std::pair<std::vector<std::byte>, std::vector<Half>>>;

Stored content_of(const Catalog& catalog) {
  Stored content;
  catalog.for_each_row([&](const Catalog::Row& row) {
    content[catalog.item(row.id)->key] = {{row.code.begin(), row.code.end()},
                                          {row.feature, row.feature + catalog.identity().feature_dim}};
  });
  return content;
}

/// What of `part` is not in `whole`, or not the same there.
std::size_t num_differing(const Stored& part, const Stored& whole) {
  return static_cast<std::size_t>(std::count_if(part.begin(), part.end(), [&](const auto& entry) {
    const auto found = whole.find(entry.first);
    return found == whole.end() || found->second != entry.second;
  }));
}

int num_kills() {
  const char* const number = std::getenv("VITRINE_TEST_KILLS");
  return number == nullptr ? 20 : std::stoi(number);
}

}  // namespace

TEST_CASE("after kill -9 at any moment nothing is lost that was seen, and the next run completes it") {
  const Workspace work;
  add_slow_shop(work);
  const std::filesystem::path shop = work / "shop.vitrine";
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const Stored undisturbed = content_of(Catalog::open(shop));
  REQUIRE(undisturbed.size() == kNumPictures);
  std::mt19937 random(11);
  int num_killed = 0;
  int num_items_seen = 0;
  // A machine may be done before the later moments come, and then looks at earlier ones.
  double latest_ms = 300;
  for (int kill = 0; num_killed < num_kills() && kill < 10 * num_kills(); ++kill) {
    INFO("run " << kill);
    // Some runs begin anew, the others go on with what the last one left.
    if (kill % 4 == 0) std::filesystem::remove_all(shop);
    Process process(tool_path("vitrine-index"), {"shop", "--commit-every", "4", "--threads", "1"},
                    work.prepared({}));
    std::uniform_int_distribution<> moment_ms(20, static_cast<int>(latest_ms));
    std::this_thread::sleep_for(milliseconds(moment_ms(random)));
    // What any reader has seen was acknowledged.
    Stored seen;
    if (std::filesystem::exists(shop / "catalog.sqlite")) seen = content_of(Catalog::open(shop));
    process.send_signal(SIGKILL);
    const bool was_killed = process.wait().exit_code == 128 + SIGKILL;
    num_killed += was_killed ? 1 : 0;
    latest_ms = was_killed ? std::min(latest_ms * 1.05, 300.0) : std::max(latest_ms * 0.9, 40.0);
    if (!std::filesystem::exists(shop / "catalog.sqlite")) continue;
    num_items_seen += static_cast<int>(seen.size());
    const Stored left = content_of(Catalog::open(shop));
    CHECK(num_differing(seen, left) == 0);
    CHECK(num_differing(left, undisturbed) == 0);
    CHECK(Catalog::open(shop, Catalog::Mode::kReadWrite).verify().empty());
  }
  CHECK(num_killed == num_kills());
  CHECK(num_items_seen > 0);
  CHECK(work.run("vitrine-index", {"shop"}).exit_code == 0);
  CHECK(content_of(Catalog::open(shop)) == undisturbed);
  if (std::getenv("VITRINE_TEST_KILLS") != nullptr)
    WARN(num_killed << " runs killed, " << num_items_seen << " items seen before");
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

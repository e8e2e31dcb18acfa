// SPDX-License-Identifier: MIT
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <optional>
#include <random>
#include <thread>

#include "tools/workspace.h"
#include "vitrine/catalog.h"
#include "vitrine/catalog_candidates.h"
#include "vitrine/rerank.h"

namespace vitrine::test {
namespace {

using std::chrono::milliseconds;

constexpr std::size_t kNumItems = 20'000;
constexpr std::size_t kCodeBits = 256;
constexpr std::size_t kFeatureDim = 64;

/// Enough of them that measuring and forming lists takes a while.
void add_random_catalog(const std::filesystem::path& folder) {
  Catalog catalog = Catalog::create(folder, {.model_fingerprint = "random",
                                             .model_name = "random",
                                             .code_bits = kCodeBits,
                                             .feature_dim = kFeatureDim});
  std::mt19937 random(3);
  std::vector<std::byte> code(kCodeBits / 8);
  std::vector<float> feature(kFeatureDim);
  for (std::size_t i = 0; i < kNumItems; ++i) {
    for (std::byte& byte : code) byte = static_cast<std::byte>(random());
    for (float& value : feature) value = static_cast<float>(random() % 200) / 1000 - 0.1F;
    Item item;
    item.key = {std::to_string(i), "1"};
    item.hash = {1, i};
    catalog.upsert(item, code, to_half(feature));
  }
  catalog.commit();
}

std::optional<std::uint64_t> measured_count(const std::filesystem::path& folder) {
  const auto candidates = stored_candidate_count(Catalog::open(folder));
  return candidates ? std::optional(candidates->count) : std::nullopt;
}

/// What `optimize` leaves, wherever it was: the exit code and what it said of it.
ProcessResult interrupted_optimize(const Workspace& work, int signal_number, milliseconds moment) {
  Process process(tool_path("vitrine-admin"), {"shop.vitrine", "optimize"}, work.prepared({}));
  std::this_thread::sleep_for(moment);
  process.send_signal(signal_number);
  return process.wait();
}

}  // namespace

TEST_CASE("optimize ends at once on Ctrl-C, says what is there, and leaves a whole catalogue") {
  const Workspace work;
  const std::filesystem::path shop = work / "shop.vitrine";
  add_random_catalog(shop);
  const std::string unchanged =
      "\nvitrine-admin: interrupted; nothing was changed, the same command begins anew\n";
  const std::string measured =
      "\nvitrine-admin: interrupted; the number of candidates is measured, the search index may still have "
      "its "
      "old lists: searches go on with them, the same command forms them anew\n";

  // The first run shows how long there is something to interrupt.
  const auto start = std::chrono::steady_clock::now();
  const ProcessResult whole = work.run("vitrine-admin", {"shop.vitrine", "optimize", "--json"});
  REQUIRE(whole.exit_code == 0);
  const auto whole_ms = static_cast<int>(
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
  const std::optional<std::uint64_t> count = measured_count(shop);
  REQUIRE(count);

  int num_unchanged = 0;
  int num_measured = 0;
  std::mt19937 random(5);
  for (int run = 0; run < 200 && (num_unchanged < 2 || num_measured < 2); ++run) {
    INFO("run " << run);
    // Without a number and an index, so that what is there tells how far it came.
    if (run % 4 == 0) {
      std::filesystem::remove_all(shop);
      add_random_catalog(shop);
    }
    const bool had_count = measured_count(shop).has_value();
    const ProcessResult stopped =
        interrupted_optimize(work, run % 2 == 0 ? SIGINT : SIGTERM, milliseconds(random() % (whole_ms + 1)));
    if (stopped.exit_code == 130 && stopped.err == unchanged) {
      ++num_unchanged;
      CHECK(stopped.out.empty());
      CHECK(measured_count(shop).has_value() == had_count);
    } else if (stopped.exit_code == 130 && stopped.err == measured) {
      ++num_measured;
      CHECK(stopped.out.empty());
      CHECK(measured_count(shop) == count);
    }
    CHECK(Catalog::open(shop).stats().num_items == kNumItems);
  }
  CHECK(num_unchanged >= 2);
  CHECK(num_measured >= 2);
  CHECK(work.run("vitrine-admin", {"shop.vitrine", "verify"}).exit_code == 0);
  CHECK(work.run("vitrine-admin", {"shop.vitrine", "optimize"}).exit_code == 0);
  CHECK(work.run("vitrine-admin", {"shop.vitrine", "verify"}).exit_code == 0);
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
/// SQLite's log stays short although somebody always reads from it.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>

#include "catalog/samples.h"
#include "catalog/store.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;
using catalog::Store;

constexpr std::uint64_t kMaxBytes = 40 * 2048;
constexpr int kNumCommits = 100;

std::uint64_t log_bytes(const fs::path& shop) {
  return fs::file_size(shop / "catalog.sqlite-wal");
}

void write(Store& writer, int commit) {
  for (int i = 0; i < 20; ++i) writer.upsert(item_with(i, commit * 20 + i), code_of(i), feature_of(commit));
  writer.commit();
}

}  // namespace

TEST_CASE("the log is begun anew beside readers that follow, and grows beside one that does not") {
  const CatalogFolder folder;
  const auto writer = Store::create(folder.shop(), small_identity(), {}, {.max_log_bytes = kMaxBytes});
  const auto largest_log = [&](int first) {
    std::uint64_t largest = 0;
    for (int commit = first; commit < first + kNumCommits; ++commit) {
      write(*writer, commit);
      largest = std::max(largest, log_bytes(folder.shop()));
    }
    return largest;
  };
  std::uint64_t beside_follower = 0;
  {
    std::atomic<bool> stop = false;
    std::thread follower([&] {
      // As an engine does, with an earlier state at hand until the next is there.
      auto reader = std::make_unique<Store>(folder.shop(), Catalog::Mode::kReadOnly);
      while (!stop) {
        if (!reader->is_newest() || reader->holds_log()) reader = reader->newest();
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
    beside_follower = largest_log(0);
    stop = true;
    follower.join();
  }
  const Store reader(folder.shop(), Catalog::Mode::kReadOnly);
  const std::uint64_t beside_one_that_stays = largest_log(kNumCommits);
  INFO(beside_follower << " and " << beside_one_that_stays << " bytes");
  // It overshoots by what is written until the reader has gone on.
  CHECK(beside_follower < 20 * kMaxBytes);
  CHECK(beside_one_that_stays > 2 * beside_follower);
}

TEST_CASE("a reader knows when it alone keeps the log") {
  const CatalogFolder folder;
  const auto writer = Store::create(folder.shop(), small_identity(), {});
  write(*writer, 0);
  const Store early(folder.shop(), Catalog::Mode::kReadOnly);
  CHECK_FALSE(early.holds_log());  // the log is not in the database yet
  CHECK_FALSE(writer->empty_log());
  CHECK(early.holds_log());
  CHECK(early.is_newest());
  const auto renewed = early.newest();
  CHECK(renewed->state() == early.state());
  CHECK_FALSE(renewed->holds_log());
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include <sys/wait.h>
#include <csignal>
#include <random>

#include "catalog/samples.h"

namespace vitrine::test {
namespace {

constexpr int kBatchItems = 5;

// Commits batch after batch and tells each one's number when it is done, until it is killed.
[[noreturn]] void write_for_ever(const std::filesystem::path& folder, int first_batch, int pipe) {
  try {
    Catalog catalog = Catalog::open(folder, Catalog::Mode::kReadWrite);
    for (int batch = first_batch;; ++batch) {
      for (int i = 0; i < kBatchItems; ++i) add(catalog, batch * kBatchItems + i);
      catalog.commit();
      if (::write(pipe, &batch, sizeof batch) != sizeof batch) ::_exit(3);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  ::_exit(2);
}

int last_acknowledged(int pipe, int before) {
  int last = before;
  for (int batch = 0; ::read(pipe, &batch, sizeof batch) == sizeof batch;) last = batch;
  return last;
}

// Kills after a number of acknowledged batches and some time: time alone would find a slow machine still
// opening.
int run_and_kill(const std::filesystem::path& folder, int first_batch, int num_awaited, int microseconds) {
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(ends[0]);
    write_for_ever(folder, first_batch, ends[1]);
  }
  ::close(ends[1]);
  int last = first_batch - 1;
  for (int i = 0; i < num_awaited; ++i) REQUIRE(::read(ends[0], &last, sizeof last) == sizeof last);
  ::usleep(static_cast<useconds_t>(microseconds));
  ::kill(child, SIGKILL);
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFSIGNALED(status));
  last = last_acknowledged(ends[0], last);
  ::close(ends[0]);
  return last;
}

}  // namespace

TEST_CASE("a writer killed at any instant loses no acknowledged batch and leaves none half-visible") {
  const CatalogFolder folder;
  { Catalog::create(folder.shop(), small_identity()); }
  std::mt19937 random(7);
  int num_batches = 0;
  for (int round = 0; round < 20; ++round) {
    const int num_awaited = round % 4;
    const int microseconds = std::uniform_int_distribution<>(0, 30'000)(random);
    const int acknowledged = run_and_kill(folder.shop(), num_batches, num_awaited, microseconds) + 1;
    // Readers first: they must cope with what the writer left.
    CHECK(Catalog::open(folder.shop()).verify().empty());
    const Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
    CHECK(catalog.verify().empty());
    const auto num_items = static_cast<int>(catalog.stats().num_items);
    CHECK(num_items % kBatchItems == 0);
    num_batches = num_items / kBatchItems;
    // The batch after the last acknowledged one may have been committed just before the end.
    CHECK((num_batches == acknowledged || num_batches == acknowledged + 1));
    for (int i = 0; i < num_items; ++i) CHECK(catalog.find(item_of(i).key));
  }
  CHECK(num_batches >= 30);
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include <sys/wait.h>

#include <chrono>

#include "catalog/samples.h"

namespace vitrine::test {

TEST_CASE("a second writer is refused with the holder's process and time, readers are not") {
  const CatalogFolder folder;
  const auto open = [&] { Catalog::open(folder.shop(), Catalog::Mode::kReadWrite); };
  {
    Catalog writer = Catalog::create(folder.shop(), small_identity());
    const Error error = error_of(open);
    CHECK(error.code() == ErrorCode::kResource);
    CHECK_THAT(error.what(), Catch::Contains("process " + std::to_string(::getpid()) + " since 20"));
    CHECK(Catalog::open(folder.shop()).stats().num_items == 0);
  }
  CHECK_NOTHROW(open());
}

TEST_CASE("the lock of a writer that died is free") {
  const CatalogFolder folder;
  { Catalog::create(folder.shop(), small_identity()); }
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    Catalog writer = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
    add(writer, 1);
    ::_exit(0);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(Catalog::open(folder.shop(), Catalog::Mode::kReadWrite).stats().num_items == 0);
}

TEST_CASE("a lock that was taken at a later time, by a clock that has gone backwards since, is free") {
  const CatalogFolder folder;
  { Catalog::create(folder.shop(), small_identity()); }
  write_bytes(folder.shop() / "lock", "process 1 since 2199-01-01T00:00:00Z\n");
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.shop()))
    std::filesystem::last_write_time(
        entry.path(), std::filesystem::file_time_type::clock::now() + std::chrono::hours(24 * 365));
  Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
  const Catalog before = Catalog::open(folder.shop());
  add(catalog, 1);
  catalog.commit();
  CHECK_FALSE(before.is_newest());
  CHECK(before.newest().stats().num_items == 1);
}

}  // namespace vitrine::test

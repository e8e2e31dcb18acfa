// SPDX-License-Identifier: MIT
#include <sys/wait.h>

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

}  // namespace vitrine::test

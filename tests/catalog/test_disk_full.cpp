// SPDX-License-Identifier: MIT
#include <sys/resource.h>
#include <csignal>

#include "catalog/samples.h"

namespace vitrine::test {
namespace {

/// Files of this process cannot grow beyond the limit while it lives; writing more fails like on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : old_handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &old_limit_);
    rlimit limit = old_limit_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_limit_);
    std::signal(SIGXFSZ, old_handler_);
  }

 private:
  rlimit old_limit_{};
  void (*old_handler_)(int);
};

void add_batch(Catalog& catalog, int batch, std::size_t feature_dim) {
  for (int i = 0; i < 10; ++i) {
    const int number = batch * 10 + i;
    catalog.upsert(item_of(number), code_of(number),
                   std::vector<Half>(feature_dim, static_cast<Half>(number)));
  }
  catalog.commit();
}

/// Commits until the limit stops it; returns the number of batches that were acknowledged.
int fill(Catalog& catalog, std::size_t feature_dim, rlim_t limit_bytes) {
  const FileSizeLimit limit(limit_bytes);
  for (int batch = 0; batch < 1000; ++batch) {
    try {
      add_batch(catalog, batch, feature_dim);
    } catch (const Error& error) {
      INFO(error.what());
      CHECK(to_string(error.code()) == "resource");
      CHECK_THAT(error.what(), Catch::Contains("remove the cause and make them again"));
      return batch;
    }
  }
  FAIL("the limit was never met");
  return 0;
}

}  // namespace

TEST_CASE("a full disk fails the batch and nothing else, whichever file meets it") {
  // Large features meet it in the segment, small ones in SQLite's log.
  const std::size_t feature_dim = GENERATE(std::size_t{3}, std::size_t{4096});
  const rlim_t limit_bytes = GENERATE(70'000, 150'000, 333'333);
  const CatalogFolder folder;
  CatalogIdentity identity = small_identity();
  identity.feature_dim = feature_dim;
  int num_batches = 0;
  {
    Catalog catalog = Catalog::create(folder.shop(), identity);
    num_batches = fill(catalog, feature_dim, limit_bytes);
    CHECK(catalog.stats().num_items == static_cast<std::uint64_t>(num_batches) * 10);
    CHECK(Catalog::open(folder.shop()).stats().num_items == catalog.stats().num_items);
    // With space again the same object goes on.
    add_batch(catalog, num_batches++, feature_dim);
    CHECK(catalog.verify().empty());
  }
  const Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
  CHECK(catalog.stats().num_items == static_cast<std::uint64_t>(num_batches) * 10);
  CHECK(catalog.verify().empty());
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
/// Lets every file operation of a run fail in turn and compares what is left with an oracle that knows what
/// was acknowledged.
#include <map>
#include <memory>

#include "catalog/samples.h"
#include "catalog/store.h"
#include "faulty_files.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;
using catalog::Store;
using catalog::StoreOptions;

constexpr int kNumBatches = 3;
constexpr int kBatchItems = 2;

/// Key number -> number whose code and feature the item must have.
using Oracle = std::map<int, int>;

void change(Store& store, int batch, Oracle& oracle) {
  for (int i = 0; i < kBatchItems; ++i) {
    // Every batch replaces one item of the batch before.
    const int key_number = batch * (kBatchItems - 1) + i;
    const int content_number = 100 * batch + i;
    store.upsert(item_with(key_number, content_number), code_of(content_number), feature_of(content_number));
    oracle[key_number] = content_number;
  }
  if (batch > 0) {
    store.remove(store.items().find(item_of(0).key).value_or(0));
    oracle.erase(0);
  }
}

void check_matches(const Store& store, const Oracle& oracle) {
  std::map<ItemId, int> contents;
  for (const auto& [key_number, content_number] : oracle) {
    const auto id = store.items().find(item_of(key_number).key);
    REQUIRE(id);
    contents[*id] = content_number;
  }
  std::size_t num_rows = 0;
  store.for_each_row([&](const Catalog::Row& row) {
    ++num_rows;
    REQUIRE(contents.contains(row.id));
    const int number = contents[row.id];
    CHECK(std::vector<std::byte>(row.code.begin(), row.code.end()) == code_of(number));
    CHECK(std::vector<Half>(row.feature, row.feature + kFeatureDim) == feature_of(number));
  });
  CHECK(num_rows == oracle.size());
  for (const CatalogProblem& problem : store.verify())
    FAIL_CHECK(problem.file << ": " << problem.description);
}

/// Applies all batches; returns what was acknowledged. After a failure the object must equal the last commit.
Oracle run(Store& store) {
  Oracle acknowledged;
  for (int batch = 0; batch < kNumBatches; ++batch) {
    Oracle wanted = acknowledged;
    try {
      change(store, batch, wanted);
      store.commit();
      acknowledged = wanted;
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kResource);
      CHECK_THAT(error.what(), Catch::Contains("as it was then"));
    }
    check_matches(store, acknowledged);
  }
  return acknowledged;
}

template <typename AfterRun>
void fail_every_operation(bool once, AfterRun after_run) {
  const CatalogFolder folder;
  const EmptyShop original;
  FaultyFiles files;
  // Two batches fill a segment, so that new ones begin.
  const StoreOptions options{.files = &files, .segment_limit_bytes = 700};
  int k = 0;
  for (bool failed = true; failed; ++k) {
    original.copy_to(folder.shop());
    Oracle acknowledged;
    {
      Store store(folder.shop(), Catalog::Mode::kReadWrite, options);
      files.fail_at(k, once);
      INFO("operation " << k);
      acknowledged = run(store);
      failed = files.failed();
      files.never_fail();
    }
    INFO("reopened after operation " << k);
    after_run(files);
    check_matches(Store(folder.shop(), Catalog::Mode::kReadOnly), acknowledged);
    Store again(folder.shop(), Catalog::Mode::kReadWrite, options);
    check_matches(again, acknowledged);
    change(again, kNumBatches, acknowledged);
    again.commit();
    check_matches(again, acknowledged);
  }
  CHECK(k > 25);  // about ten operations a batch
}

}  // namespace

TEST_CASE("one failing file operation costs the running batch only") {
  fail_every_operation(true, [](FaultyFiles&) {});
}

TEST_CASE("a disk that stays broken and then loses power keeps what was acknowledged") {
  fail_every_operation(false, [](FaultyFiles& files) { files.cut_power(); });
}

TEST_CASE("trimming removes unknown segments and bytes behind the commit, reading does not") {
  const CatalogFolder folder;
  {
    Catalog catalog = Catalog::create(folder.shop(), small_identity());
    add(catalog, 1);
    catalog.commit();
  }
  const fs::path segment = folder.shop() / "segments" / "000001.vseg";
  const std::string committed = read_bytes(segment);
  write_bytes(segment, committed + std::string(100, 'x'));
  write_bytes(folder.shop() / "segments" / "000002.vseg", "unfinished");
  CHECK(Catalog::open(folder.shop()).verify().empty());
  CHECK(read_bytes(segment).size() == committed.size() + 100);
  CHECK(Catalog::open(folder.shop(), Catalog::Mode::kReadWrite).verify().empty());
  CHECK(read_bytes(segment) == committed);
  CHECK_FALSE(fs::exists(folder.shop() / "segments" / "000002.vseg"));
}

}  // namespace vitrine::test

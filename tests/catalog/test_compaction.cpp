// SPDX-License-Identifier: MIT
#include <set>

#include "catalog/samples.h"
#include "catalog/store.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;
using catalog::Store;
using catalog::StoreOptions;

constexpr std::size_t kDim = 256;  // so that rows are most of the bytes
constexpr int kNumItems = 2000;

CatalogIdentity wide_identity() {
  CatalogIdentity identity = small_identity();
  identity.feature_dim = kDim;
  return identity;
}

std::vector<Half> wide_feature(int content) {
  return std::vector<Half>(kDim, static_cast<Half>(content % 30'000));
}

/// Puts all items, the content of number n being n + `shift`.
template <typename Catalog>
void put_all(Catalog& catalog, int shift) {
  for (int number = 0; number < kNumItems; ++number) {
    catalog.upsert(item_of(number), code_of(number + shift), wide_feature(number + shift));
    if (number % 500 == 499) catalog.commit();
  }
}

template <typename Catalog>
void check_content(const Catalog& catalog, const std::function<std::optional<ItemId>(int)>& find, int shift) {
  std::map<ItemId, int> numbers;
  for (int number = 0; number < kNumItems; ++number) numbers[find(number).value()] = number;
  int num_wrong = 0;
  int num_rows = 0;
  catalog.for_each_row([&](const vitrine::Catalog::Row& row) {
    const int content = numbers.at(row.id) + shift;
    ++num_rows;
    if (!std::equal(row.code.begin(), row.code.end(), code_of(content).begin())) ++num_wrong;
    if (!std::equal(row.feature, row.feature + kDim, wide_feature(content).begin())) ++num_wrong;
  });
  CHECK(num_wrong == 0);
  CHECK(num_rows == kNumItems);
}

std::set<std::string> segment_names(const fs::path& shop) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(shop / "segments"))
    names.insert(entry.path().filename().string());
  return names;
}

}  // namespace

TEST_CASE("after replacing every item twice, compacting leaves little more than a fresh catalogue has") {
  const CatalogFolder folder;
  const fs::path fresh = folder.path() / "fresh.vitrine";
  {
    Catalog catalog = Catalog::create(fresh, wide_identity());
    put_all(catalog, 2);
  }
  {
    Catalog catalog = Catalog::create(folder.shop(), wide_identity());
    for (const int shift : {0, 1, 2}) put_all(catalog, shift);
    CHECK(catalog.stats().num_rows == 3 * kNumItems);
    CHECK(catalog.is_worth_compacting());
    catalog.compact();
    CHECK_FALSE(catalog.is_worth_compacting());
    CHECK(catalog.stats().num_rows == kNumItems);
    CHECK(catalog.verify().empty());
  }
  const Catalog compacted = Catalog::open(folder.shop());
  check_content(
      compacted, [&](int number) { return compacted.find(item_of(number).key); }, 2);
  CHECK(compacted.verify().empty());
  const auto fresh_bytes = static_cast<double>(Catalog::open(fresh).stats().disk_bytes);
  CHECK(static_cast<double>(compacted.stats().disk_bytes) <= 1.1 * fresh_bytes);
}

TEST_CASE("readers keep their state when the segments that they read are removed") {
  const CatalogFolder folder;
  Catalog writer = Catalog::create(folder.shop(), wide_identity());
  put_all(writer, 0);
  const Catalog reader = Catalog::open(folder.shop());
  put_all(writer, 1);
  const auto names = segment_names(folder.shop());
  writer.compact();
  for (const std::string& name : segment_names(folder.shop())) CHECK(names.count(name) == 0);
  check_content(
      reader, [&](int number) { return reader.find(item_of(number).key); }, 0);
  CHECK(reader.verify().empty());
  const Catalog newest = reader.newest();
  check_content(
      newest, [&](int number) { return newest.find(item_of(number).key); }, 1);
  // Life goes on.
  put_all(writer, 2);
  writer.compact();
  const Catalog last = newest.newest();
  check_content(
      last, [&](int number) { return last.find(item_of(number).key); }, 2);
  CHECK(last.verify().empty());
}

TEST_CASE("items that share a row still share it after a compaction, and ids stay") {
  const CatalogFolder folder;
  Catalog catalog = Catalog::create(folder.shop(), small_identity());
  const ItemId first = add(catalog, 1);
  catalog.commit();
  const ItemId second = catalog.upsert_sharing(item_of(2), first);
  const ItemId third = catalog.upsert_sharing(item_of(3), second);
  const ItemId other = add(catalog, 4);
  catalog.commit();
  // The item that the row was written for goes.
  catalog.remove(first);
  catalog.commit();
  catalog.compact();
  CHECK(catalog.stats().num_rows == 2);
  CHECK(catalog.verify().empty());
  CHECK(catalog.row(second)->address == catalog.row(third)->address);
  CHECK(std::vector<std::byte>(catalog.row(third)->code.begin(), catalog.row(third)->code.end()) ==
        code_of(1));
  CHECK(catalog.find(item_of(4).key) == other);
  CHECK(add(catalog, 5) > other);
}

TEST_CASE("compaction begins new segments at the limit and copes with a catalogue without items") {
  const CatalogFolder folder;
  { Catalog::create(folder.shop(), wide_identity()); }
  const StoreOptions options{.segment_limit_bytes = 1};
  Store store(folder.shop(), Catalog::Mode::kReadWrite, options);
  store.compact();
  CHECK(segment_names(folder.shop()).empty());
  put_all(store, 0);
  CHECK(store.stats().num_segments == 4);
  store.compact();
  CHECK(store.stats().num_segments == 1);
  check_content(
      store, [&](int number) { return store.items().find(item_of(number).key); }, 0);
  for (int number = 0; number < kNumItems; ++number) store.remove(*store.items().find(item_of(number).key));
  store.commit();
  store.compact();
  CHECK(segment_names(folder.shop()).empty());
  CHECK(store.verify().empty());
}

TEST_CASE("a catalogue whose items were nearly all deleted, batch after batch, is right and becomes small") {
  constexpr int kNumItems = 20'000;
  const CatalogFolder folder;
  Catalog catalog = Catalog::create(folder.shop(), small_identity());
  for (int i = 0; i < kNumItems; ++i) add(catalog, i);
  catalog.commit();
  const std::uint64_t full_bytes = catalog.stats().disk_bytes;
  for (int i = 0; i < kNumItems; ++i) {
    if (i % 1000 != 0) catalog.remove(catalog.find(item_of(i).key).value());
    if (i % 1000 == 999) catalog.commit();
  }
  CHECK(catalog.is_worth_compacting());
  catalog.compact();
  CHECK(catalog.stats().num_items == 20);
  CHECK(catalog.stats().num_rows == 20);
  CHECK(catalog.verify().empty());
  CHECK(add(catalog, 0) > kNumItems);
  catalog.commit();
  CHECK(Catalog::open(folder.shop()).find(item_of(19'000).key));
  CHECK_FALSE(Catalog::open(folder.shop()).find(item_of(19'001).key));
  CHECK(Catalog::open(folder.shop()).stats().disk_bytes < full_bytes / 10);
}

TEST_CASE("compaction refuses damage instead of giving it a checksum, and pending changes") {
  const CatalogFolder folder;
  {
    Catalog catalog = Catalog::create(folder.shop(), small_identity());
    add(catalog, 1);
    check_fails([&] { catalog.compact(); }, ErrorCode::kInvalidArgument, "not committed");
    catalog.commit();
  }
  const fs::path segment = folder.shop() / "segments" / "000001.vseg";
  std::string bytes = read_bytes(segment);
  bytes[128 + 128 + 64] ^= 1;  // of the code
  write_bytes(segment, bytes);
  Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
  check_fails([&] { catalog.compact(); }, ErrorCode::kCorrupt, "is damaged at byte 320");
  CHECK(read_bytes(segment) == bytes);
}

}  // namespace vitrine::test

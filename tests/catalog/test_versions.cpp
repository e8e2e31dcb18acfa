// SPDX-License-Identifier: MIT
#include "catalog/samples.h"

namespace vitrine::test {

TEST_CASE("the version of a key outlives its item and the process") {
  const CatalogFolder folder;
  const ItemKey gone = item_of(1).key;
  {
    Catalog catalog = Catalog::create(folder.shop(), small_identity());
    const ItemId id = add(catalog, 1);
    catalog.set_version(gone, 7);
    catalog.commit();
    catalog.remove(id);
    catalog.set_version(gone, 8);
    CHECK(catalog.version(gone) == 8);
    catalog.commit();
  }
  const Catalog catalog = Catalog::open(folder.shop());
  CHECK_FALSE(catalog.find(gone));
  CHECK(catalog.version(gone) == 8);
  CHECK_FALSE(catalog.version(item_of(2).key));
}

TEST_CASE("versions are committed and rolled back with the changes that they belong to") {
  const CatalogFolder folder;
  Catalog catalog = Catalog::create(folder.shop(), small_identity());
  catalog.set_version({"a", "b"}, -5);
  catalog.commit();
  add(catalog, 1);
  catalog.set_version({"a", "b"}, 6);
  catalog.rollback();
  CHECK(catalog.version({"a", "b"}) == -5);
  CHECK(Catalog::open(folder.shop()).version({"a", "b"}) == -5);
}

TEST_CASE("keys of any bytes have versions of their own") {
  const CatalogFolder folder;
  Catalog catalog = Catalog::create(folder.shop(), small_identity());
  const std::vector<ItemKey> keys = {
      {"a", "b"}, {"ab", ""}, {"", "ab"}, {"\xff\xfe", "b"}, {std::string("a\0b", 3), "b"}};
  for (std::size_t i = 0; i < keys.size(); ++i) catalog.set_version(keys[i], static_cast<std::int64_t>(i));
  catalog.commit();
  for (std::size_t i = 0; i < keys.size(); ++i)
    CHECK(catalog.version(keys[i]) == static_cast<std::int64_t>(i));
}

TEST_CASE("a reader keeps the versions of its opening and cannot set any") {
  const CatalogFolder folder;
  Catalog writer = Catalog::create(folder.shop(), small_identity());
  writer.set_version({"a", "b"}, 1);
  writer.commit();
  Catalog reader = Catalog::open(folder.shop());
  writer.set_version({"a", "b"}, 2);
  writer.commit();
  CHECK(reader.version({"a", "b"}) == 1);
  check_fails([&] { reader.set_version({"a", "b"}, 3); }, ErrorCode::kInvalidArgument, "for reading only");
}

}  // namespace vitrine::test

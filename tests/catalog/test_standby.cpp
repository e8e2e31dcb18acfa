// SPDX-License-Identifier: MIT
/// Two catalogues of the same items change places, as a whole, and only when nobody can come to harm.
#include <optional>

#include "catalog/samples.h"
#include "vitrine/standby.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

constexpr int kNumItems = 5;

Catalog make(const fs::path& folder, const std::string& model, int code_shift) {
  CatalogIdentity identity = small_identity();
  identity.model_fingerprint = identity.model_name = model;
  Catalog catalog = Catalog::create(folder, identity);
  for (int i = 0; i < kNumItems; ++i)
    catalog.upsert(item_of(i), code_of(i + code_shift), feature_of(i + code_shift));
  catalog.commit();
  return catalog;
}

fs::path standby_of(const CatalogFolder& folder) {
  return folder.path() / "shop.vitrine.standby";
}

std::string model_of(const fs::path& folder) {
  return Catalog::open(folder).identity().model_name;
}

}  // namespace

TEST_CASE("a switch exchanges catalogue and standby, and the next one brings them back") {
  const CatalogFolder folder;
  make(folder.shop(), "old", 0);
  make(standby_of(folder), "new", 100);
  const Catalog before = Catalog::open(folder.shop());
  switch_to_standby(folder.shop());
  CHECK(model_of(folder.shop()) == "new");
  CHECK(model_of(standby_of(folder)) == "old");
  const Catalog after = Catalog::open(folder.shop());
  const ItemId id = after.find(item_of(3).key).value();
  CHECK(after.row(id)->code[0] == code_of(103)[0]);
  CHECK(after.verify().empty());
  // What is open stays what it was.
  CHECK(before.is_replaced());
  CHECK(before.identity().model_name == "old");
  CHECK(before.row(before.find(item_of(3).key).value())->code[0] == code_of(3)[0]);
  check_fails([&] { before.newest(); }, ErrorCode::kCorrupt, "open it anew");
  CHECK_FALSE(after.is_replaced());
  switch_to_standby(folder.shop());
  CHECK(model_of(folder.shop()) == "old");
  CHECK_FALSE(before.is_replaced());
  CHECK(after.is_replaced());
}

TEST_CASE("the standby is beside the folder, wherever a link to it lies") {
  const CatalogFolder folder;
  fs::create_directories(folder.path() / "deep");
  make(folder.path() / "deep" / "shop.vitrine", "old", 0);
  make(folder.path() / "deep" / "shop.vitrine.standby", "new", 100);
  fs::create_directory_symlink("deep/shop.vitrine", folder.shop());
  CHECK(standby_folder(folder.shop()) == fs::canonical(folder.path()) / "deep" / "shop.vitrine.standby");
  CHECK(standby_folder(folder.path() / "deep" / "shop.vitrine" / "") ==
        fs::canonical(folder.path()) / "deep" / "shop.vitrine.standby");
  switch_to_standby(folder.shop());
  CHECK(fs::is_symlink(folder.shop()));
  CHECK(model_of(folder.shop()) == "new");
  check_fails([&] { standby_folder(folder.path() / "none"); }, ErrorCode::kNotFound, "no catalogue at");
}

TEST_CASE("a standby that lacks anything does not serve, unless it shall anyway") {
  const CatalogFolder folder;
  Catalog catalog = make(folder.shop(), "old", 0);
  std::optional<Catalog> standby = make(standby_of(folder), "new", 100);
  catalog.set_version({"gone", "x"}, 7);
  catalog.upsert(item_of(kNumItems), code_of(1), feature_of(1));
  catalog.remove(catalog.find(item_of(1).key).value());
  Item dearer = item_of(2);
  dearer.quality["price"] = 1000;
  catalog.update_metadata(catalog.find(dearer.key).value(), dearer);
  catalog.upsert(item_with(3, 9), code_of(9), feature_of(9));
  catalog.commit();
  const StandbyDifferences differences = compare_with_standby(Catalog::open(folder.shop()), *standby);
  CHECK(differences.num_missing == 1);
  CHECK(differences.num_outdated == 2);
  CHECK(differences.num_surplus == 1);
  CHECK(differences.num_older_versions == 1);
  CHECK(differences.examples.size() == 5);
  CHECK_FALSE(differences.empty());
  check_fails([&] { switch_to_standby(folder.shop()); }, ErrorCode::kResource, "is held by process");
  standby.reset();
  check_fails([&] { switch_to_standby(folder.shop()); }, ErrorCode::kResource, "is held by process");
  { const Catalog released = std::move(catalog); }
  check_fails([&] { switch_to_standby(folder.shop()); }, ErrorCode::kInvalidArgument,
              "1 items are missing, 2 are outdated, 1 are too many, 1 versions are older");
  CHECK(model_of(folder.shop()) == "old");
  switch_to_standby(folder.shop(), SwitchRule::kAnyway);
  CHECK(model_of(folder.shop()) == "new");
}

TEST_CASE("versions are taken over, also of items that are gone") {
  const CatalogFolder folder;
  Catalog catalog = make(folder.shop(), "old", 0);
  Catalog standby = make(standby_of(folder), "new", 100);
  catalog.set_version(item_of(1).key, 3);
  catalog.set_version({"gone", "x"}, 7);
  catalog.commit();
  standby.set_version(item_of(1).key, 2);
  copy_versions(catalog, standby);
  standby.commit();
  CHECK(standby.version(item_of(1).key) == 3);
  CHECK(standby.version({"gone", "x"}) == 7);
  CHECK(compare_with_standby(catalog, standby).empty());
}

TEST_CASE("without a standby there is nothing to switch to") {
  const CatalogFolder folder;
  make(folder.shop(), "old", 0);
  check_fails([&] { switch_to_standby(folder.shop()); }, ErrorCode::kNotFound, "vitrine-admin reembed");
  fs::create_directory(standby_of(folder));
  check_fails([&] { switch_to_standby(folder.shop()); }, ErrorCode::kNotFound, "no catalogue at");
  CHECK(model_of(folder.shop()) == "old");
}

TEST_CASE("a reader that keeps an earlier state holds a switch up") {
  const CatalogFolder folder;
  make(folder.shop(), "old", 0);
  make(standby_of(folder), "new", 100);
  const Catalog reader = Catalog::open(folder.shop());
  {
    Catalog writer = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
    writer.set_blob("x", std::vector<std::byte>(10));
    writer.commit();
  }
  const Catalog stays = Catalog::open(folder.shop());
  check_fails([&] { switch_to_standby(folder.shop(), SwitchRule::kAnyway); }, ErrorCode::kResource,
              "a reader keeps an earlier state");
  CHECK(model_of(folder.shop()) == "old");
}

}  // namespace vitrine::test

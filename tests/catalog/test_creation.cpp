// SPDX-License-Identifier: MIT
#include "catalog/samples.h"
#include "catalog/store.h"
#include "faulty_files.h"

namespace vitrine::test {

namespace fs = std::filesystem;

TEST_CASE("a new catalogue keeps its identity and a copy of the model") {
  const CatalogFolder folder;
  const fs::path model = folder.path() / "original.safetensors";
  write_bytes(model, "weights");
  { Catalog::create(folder.shop(), small_identity(), model); }
  fs::remove(model);
  const Catalog catalog = Catalog::open(folder.shop());
  CHECK(catalog.identity().model_fingerprint == "test-model");
  CHECK(catalog.identity().model_name == "tiny");
  CHECK(catalog.identity().code_bits == kCodeBits);
  CHECK(catalog.identity().feature_dim == kFeatureDim);
  CHECK(catalog.folder() == folder.shop());
  CHECK(read_bytes(catalog.model_path()) == "weights");
  CHECK(catalog.verify().empty());
  CHECK(catalog.stats().num_items == 0);
}

TEST_CASE("a catalogue without a model has no model path") {
  const CatalogFolder folder;
  CHECK(Catalog::create(folder.shop(), small_identity()).model_path().empty());
}

TEST_CASE("creation refuses a folder that holds anything") {
  const CatalogFolder folder;
  const auto create = [&] { Catalog::create(folder.shop(), small_identity()); };
  create();
  check_fails(create, ErrorCode::kAlreadyExists, "there is one already");
  fs::remove_all(folder.shop());
  fs::create_directory(folder.shop());
  write_bytes(folder.shop() / "model.safetensors", "somebody's own");
  check_fails(create, ErrorCode::kAlreadyExists, "not empty");
  CHECK(read_bytes(folder.shop() / "model.safetensors") == "somebody's own");
}

TEST_CASE("creation accepts an empty folder and a relative path with a final slash") {
  const CatalogFolder folder;
  fs::create_directory(folder.shop());
  const fs::path relative = fs::relative(folder.shop()) / "";
  { Catalog::create(relative, small_identity()); }
  CHECK(Catalog::open(relative).stats().num_items == 0);
}

TEST_CASE("creation refuses sizes that cannot be stored") {
  const CatalogFolder folder;
  for (const std::size_t bits : {0, 32, 65, 4160}) {
    CatalogIdentity identity = small_identity();
    identity.code_bits = bits;
    check_fails([&] { Catalog::create(folder.shop(), identity); }, ErrorCode::kInvalidArgument,
                "multiple of 64");
  }
  CatalogIdentity identity = small_identity();
  identity.feature_dim = 65537;
  check_fails([&] { Catalog::create(folder.shop(), identity); }, ErrorCode::kInvalidArgument, "65537");
  check_fails([&] { Catalog::create(folder.shop(), small_identity(), folder.path() / "none"); },
              ErrorCode::kNotFound, "none");
  CHECK_FALSE(fs::exists(folder.shop()));
}

TEST_CASE("a creation that fails at any step can be repeated") {
  const CatalogFolder folder;
  const fs::path model = folder.path() / "original.safetensors";
  write_bytes(model, "weights");
  FaultyFiles files;
  int num_failures = 0;
  for (bool done = false; !done; ++num_failures) {
    fs::remove_all(folder.shop());
    files.fail_at(num_failures);
    try {
      catalog::Store::create(folder.shop(), small_identity(), model, {.files = &files});
      done = true;
    } catch (const Error& error) {
      INFO(error.what());
      CHECK(error.code() == ErrorCode::kResource);
    }
    // Only the last steps, behind the move into place, leave a catalogue; all others something to be redone.
    if (!fs::exists(folder.shop() / "catalog.sqlite")) {
      check_fails([&] { Catalog::open(folder.shop()); }, ErrorCode::kNotFound, "no catalogue");
      Catalog::create(folder.shop(), small_identity(), model);
    }
    CHECK(Catalog::open(folder.shop(), Catalog::Mode::kReadWrite).verify().empty());
  }
  CHECK(num_failures > 10);
}

}  // namespace vitrine::test

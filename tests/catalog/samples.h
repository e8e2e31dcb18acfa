// SPDX-License-Identifier: MIT
#pragma once
/// Small catalogues and items for tests, all made from numbers so that a reader can recompute what must be
/// stored.
#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "temporary_folder.h"
#include "vitrine/catalog.h"
#include "vitrine/error.h"

namespace vitrine::test {

/// A folder for one test, with a place for a catalogue.
class CatalogFolder : public TemporaryFolder {
 public:
  /// Other users may look into it: some tests read as one.
  CatalogFolder() { std::filesystem::permissions(path(), std::filesystem::perms(0755)); }
  std::filesystem::path shop() const { return path() / "shop.vitrine"; }
};

constexpr std::size_t kCodeBits = 64;
constexpr std::size_t kFeatureDim = 3;

inline CatalogIdentity small_identity() {
  return {.model_fingerprint = "test-model",
          .model_name = "tiny",
          .code_bits = kCodeBits,
          .feature_dim = kFeatureDim};
}

inline std::vector<std::byte> code_of(int seed) {
  std::vector<std::byte> code(kCodeBits / 8);
  for (std::size_t i = 0; i < code.size(); ++i)
    code[i] = static_cast<std::byte>(seed * 31 + static_cast<int>(i));
  return code;
}

inline std::vector<Half> feature_of(int seed) {
  return {static_cast<Half>(seed), static_cast<Half>(seed * 3 + 1), static_cast<Half>(seed * 7 + 2)};
}

inline Item item_of(int number) {
  Item item;
  item.key = {"product-" + std::to_string(number), "front"};
  item.path = "/pictures/" + std::to_string(number) + ".jpg";
  item.category = number % 2 == 0 ? "shoe" : "bag";
  item.hash = {static_cast<std::uint64_t>(number), ~static_cast<std::uint64_t>(number)};
  item.file_size_bytes = 1000 + number;
  item.modified_ns = 1'700'000'000'000'000'000 + number;
  item.width_px = 640;
  item.height_px = 480 + number;
  item.attributes_json = R"({"colour": ")" + std::string(number % 3 == 0 ? "red" : "blue") + R"("})";
  item.quality = {{"price", number * 1.5}};
  return item;
}

/// The item of one number with the key of another.
inline Item item_with(int key_number, int content_number) {
  Item item = item_of(content_number);
  item.key = item_of(key_number).key;
  return item;
}

/// A catalogue to copy, so that not every run pays for the syncs of a creation.
class EmptyShop {
 public:
  EmptyShop() { Catalog::create(folder_.shop(), small_identity()); }
  void copy_to(const std::filesystem::path& to) const {
    std::filesystem::remove_all(to);
    std::filesystem::copy(folder_.shop(), to, std::filesystem::copy_options::recursive);
  }

 private:
  CatalogFolder folder_;
};

/// Catalog and catalog::Store have the same calls.
template <typename Store>
ItemId add(Store& store, int number) {
  return store.upsert(item_of(number), code_of(number), feature_of(number));
}

inline std::string read_bytes(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

inline void write_bytes(const std::filesystem::path& file, std::string_view bytes) {
  std::ofstream stream(file, std::ios::binary | std::ios::trunc);
  stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

template <typename Call>
Error error_of(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error;
  }
  FAIL("expected vitrine::Error");
  return {ErrorCode::kInternal, ""};
}

template <typename Call>
void check_fails(Call call, ErrorCode code, const std::string& part) {
  const Error error = error_of(call);
  INFO(error.what());
  CHECK(to_string(error.code()) == to_string(code));
  CHECK_THAT(error.what(), Catch::Contains(part));
}

}  // namespace vitrine::test

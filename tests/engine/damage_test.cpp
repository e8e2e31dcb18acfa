// SPDX-License-Identifier: MIT
// Searches in a catalogue that something happened to.
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "engine/shop.h"
#include "vitrine/engine.h"
#include "vitrine/error.h"
#include "vitrine/search_index.h"

using namespace vitrine;
using test::Shop;

namespace {

namespace fs = std::filesystem;

constexpr int kNumPhotos = 40;

std::string read_text(const fs::path& file) {
  std::ifstream stream(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void write_text(const fs::path& file, const std::string& bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

std::string photo_name(int number) {
  return "picture-" + std::to_string(100 + number) + ".png";
}

void fill(Shop& shop) {
  for (int i = 0; i < kNumPhotos; ++i) shop.add_photo(photo_name(i), static_cast<std::uint32_t>(i));
  shop.ingest_photos();
}

SearchResult search_all(const Engine& engine) {
  Embedding query;
  query.code.assign(test::kFakeDim / 8, std::byte{0});
  query.feature.assign(test::kFakeDim, 0.1F);
  return engine.search(query, {.k = kNumPhotos});
}

}  // namespace

TEST_CASE("a search that needs a damaged page of the database says which, and what to do") {
  Shop shop;
  fill(shop);
  const Engine engine = Engine::open(shop.catalog_path(), std::make_shared<test::FakeEmbedder>());
  const fs::path database = shop.catalog_path() / "catalog.sqlite";
  std::string bytes = read_text(database);
  // The path of an item, which only its row in the table holds.
  const std::size_t place = bytes.find((shop.photos() / photo_name(7)).string());
  REQUIRE(place != std::string::npos);
  bytes[place] ^= 1;
  write_text(database, bytes);
  std::string message;
  try {
    search_all(engine);
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kCorrupt);
    message = error.what();
  }
  INFO(message);
  CHECK(message.find("catalog.sqlite' is damaged at byte " + std::to_string(place / 4096 * 4096)) !=
        std::string::npos);
  CHECK(message.find("restore the folder from a backup") != std::string::npos);
}

TEST_CASE("an engine that takes codes from a damaged segment says which") {
  Shop shop;
  fill(shop);
  fs::remove(shop.catalog_path() / "search.vhix");
  const fs::path segment = shop.catalog_path() / "segments/000001.vseg";
  std::string bytes = read_text(segment);
  // Behind the file's header of 128 bytes, the section's, and 40 ids.
  constexpr std::size_t kCodesAt = 128 + 128 + 40 * 8;
  bytes[kCodesAt + 17] ^= 1;
  write_text(segment, bytes);
  std::string message;
  try {
    Engine::open(shop.catalog_path(), std::make_shared<test::FakeEmbedder>());
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kCorrupt);
    message = error.what();
  }
  INFO(message);
  CHECK(message.find("000001.vseg' is damaged at byte " + std::to_string(kCodesAt) +
                     ": the codes of rows 0 to 39 do not match their checksum") != std::string::npos);
}

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

void flip(const fs::path& file, std::size_t place) {
  std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
  stream.seekg(static_cast<std::streamoff>(place));
  const int byte = stream.get();
  stream.seekp(static_cast<std::streamoff>(place));
  stream.put(static_cast<char>(byte ^ 0x10));
}

std::string answer_of(const Shop& shop) {
  const Engine engine = Engine::open(shop.catalog_path(), std::make_shared<test::FakeEmbedder>());
  std::string text;
  for (const Hit& hit : search_all(engine).hits)
    text += hit.product + '/' + hit.picture + ' ' + hit.path + ' ' + std::to_string(hit.hamming) + ' ' +
            std::to_string(hit.cosine) + '\n';
  return text;
}

void save_search_index(const Shop& shop) {
  refresh_search_index(Catalog::open(shop.catalog_path(), Catalog::Mode::kReadWrite));
}

bool is_reported(const Shop& shop) {
  const Catalog catalog = Catalog::open(shop.catalog_path());
  return !catalog.verify().empty() || !verify_search_index(catalog).empty();
}

}  // namespace

TEST_CASE("whatever byte of the search index is wrong, searches answer as without it") {
  Shop shop;
  fill(shop);
  save_search_index(shop);
  const std::string expected = answer_of(shop);
  const fs::path file = shop.catalog_path() / "search.vhix";
  const std::string good = read_text(file);
  for (std::size_t place = 0; place < good.size(); place += 61) {
    INFO("byte " << place);
    flip(file, place);
    CHECK(answer_of(shop) == expected);
    flip(file, place);
  }
  // Its sections begin at multiples of 64.
  for (std::size_t length = 0; length < good.size(); length += 64) {
    INFO("cut to " << length);
    write_text(file, good.substr(0, length));
    CHECK(answer_of(shop) == expected);
    CHECK(is_reported(shop));
  }
}

struct FlipCounts {
  int answers = 0;
  int refusals = 0;
};

/// Flips every `stride`-th byte of a file in turn; a search must answer as before or refuse by an error whose
/// message holds `named`.
FlipCounts flip_each(const Shop& shop, const fs::path& file, std::size_t stride, const std::string& named) {
  const std::string expected = answer_of(shop);
  FlipCounts counts;
  for (std::size_t place = 0; place < fs::file_size(file); place += stride) {
    INFO("byte " << place);
    flip(file, place);
    try {
      const std::string answer = answer_of(shop);  // within CHECK what it throws would be a failure
      CHECK(answer == expected);
      ++counts.answers;
    } catch (const Error& error) {
      CHECK((error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kUnsupported));
      CHECK_THAT(error.what(), Catch::Contains(named));
      ++counts.refusals;
    }
    flip(file, place);
  }
  return counts;
}

TEST_CASE("whatever byte of the database is wrong, a search answers rightly or not at all") {
  Shop shop;
  fill(shop);
  save_search_index(shop);
  CHECK(flip_each(shop, shop.catalog_path() / "catalog.sqlite", 251, "").refusals > 0);
}

TEST_CASE("whatever byte of a segment is wrong, a search answers rightly or says which") {
  Shop shop;
  fill(shop);
  save_search_index(shop);
  const FlipCounts counts =
      flip_each(shop, shop.catalog_path() / "segments/000001.vseg", 37, "000001.vseg' is damaged at byte");
  CHECK(counts.refusals > 0);
  CHECK(counts.answers > 0);  // codes and ids are those of the search index
}

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
  CHECK(message.find("catalog.sqlite' is damaged at byte " + std::to_string(place / 2048 * 2048)) !=
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

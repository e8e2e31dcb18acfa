// SPDX-License-Identifier: MIT
/// The checksums of the database's pages.
#include <algorithm>
#include <functional>

#include "base/checksum.h"
#include "base/little_endian.h"
#include "catalog/old_database.h"
#include "catalog/samples.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPageBytes = 2048;
constexpr std::size_t kReservedOffset = 20;

fs::path database_of(const fs::path& shop) {
  return shop / "catalog.sqlite";
}

void make_shop(const fs::path& shop, int num_items = 200) {
  Catalog catalog = Catalog::create(shop, small_identity());
  for (int i = 0; i < num_items; ++i) add(catalog, i);
  catalog.commit();
}

/// Offsets of pages that do not end with the checksum that the format asks for.
std::vector<std::size_t> mismatches(const fs::path& shop) {
  const std::string text = read_bytes(database_of(shop));
  const std::span<const std::byte> bytes = std::as_bytes(std::span(text));
  // Old databases have pages of another size.
  const std::size_t page_bytes = std::to_integer<std::size_t>(bytes[16]) * 256;
  REQUIRE(bytes.size() % page_bytes == 0);
  std::vector<std::size_t> found;
  for (std::size_t at = 0; at < bytes.size(); at += page_bytes) {
    const auto page = bytes.subspan(at, page_bytes);
    if (base::get<std::uint64_t>(page, page_bytes - 8) != base::checksum_64(page.first(page_bytes - 8)) + at)
      found.push_back(at);
  }
  return found;
}

bool has_checksums(const fs::path& shop) {
  return read_bytes(database_of(shop))[kReservedOffset] == 8 && mismatches(shop).empty();
}

void change(const fs::path& shop, const std::function<void(std::string& bytes)>& edit) {
  std::string bytes = read_bytes(database_of(shop));
  edit(bytes);
  write_bytes(database_of(shop), bytes);
}

/// The pages that hold the text.
std::vector<std::size_t> pages_with(const fs::path& shop, const std::string& text) {
  const std::string bytes = read_bytes(database_of(shop));
  std::vector<std::size_t> pages;
  for (std::size_t at = bytes.find(text); at != std::string::npos; at = bytes.find(text, at + 1))
    pages.push_back(at / kPageBytes * kPageBytes);
  return pages;
}

void read_all(const fs::path& shop) {
  const Catalog catalog = Catalog::open(shop);
  catalog.for_each_row([&](const Catalog::Row& row) { (void)catalog.item(row.id); });
}

}  // namespace

TEST_CASE("every page of a catalogue's database ends with its checksum, whatever was done to it") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  CHECK(has_checksums(folder.shop()));
  {
    Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
    for (int i = 100; i < 400; ++i) add(catalog, i);
    catalog.commit();
    for (ItemId id = 1; id < 90; ++id) catalog.remove(id);
    catalog.commit();
    catalog.compact();
  }
  CHECK(has_checksums(folder.shop()));
}

TEST_CASE(
    "a changed word of an item is an error that names file, byte and remedy, and the others are found") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const std::string path = "/pictures/7.jpg";
  const std::vector<std::size_t> pages = pages_with(folder.shop(), path);
  REQUIRE(pages.size() == 1);
  change(folder.shop(), [&](std::string& bytes) { bytes[bytes.find(path) + 1] ^= 1; });
  const Catalog catalog = Catalog::open(folder.shop());
  const ItemId id = catalog.find(item_of(7).key).value();
  check_fails([&] { catalog.item(id); }, ErrorCode::kCorrupt,
              "catalog.sqlite' is damaged at byte " + std::to_string(pages[0]) +
                  ": the page there does not match its checksum; restore the folder from a backup");
  CHECK(catalog.item(catalog.find(item_of(199).key).value()));
}

TEST_CASE("verification names every damaged page") {
  const CatalogFolder folder;
  make_shop(folder.shop(), 500);
  std::vector<std::size_t> damaged;
  for (const char* path : {"/pictures/7.jpg", "/pictures/250.jpg", "/pictures/499.jpg"}) {
    damaged.push_back(pages_with(folder.shop(), path).at(0));
    change(folder.shop(), [&](std::string& bytes) { bytes[damaged.back() + 2000] ^= 4; });
  }
  std::sort(damaged.begin(), damaged.end());
  const auto problems = Catalog::open(folder.shop()).verify();
  REQUIRE(problems.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(problems[i].file == database_of(folder.shop()));
    CHECK(problems[i].offset_bytes == damaged[i]);
    CHECK_THAT(problems[i].description, Catch::Contains("does not match its checksum"));
  }
}

TEST_CASE("a page in another's place, an old one and one cut off are noticed") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const std::size_t page = pages_with(folder.shop(), "/pictures/7.jpg").at(0);
  SECTION("another page") {
    const std::size_t other = pages_with(folder.shop(), "/pictures/150.jpg").at(0);
    change(folder.shop(),
           [&](std::string& bytes) { bytes.replace(page, kPageBytes, bytes.substr(other, kPageBytes)); });
  }
  SECTION("zeros") {
    change(folder.shop(), [&](std::string& bytes) { bytes.replace(page, kPageBytes, kPageBytes, '\0'); });
  }
  SECTION("cut off") {
    change(folder.shop(), [&](std::string& bytes) { bytes.resize(bytes.size() - 100); });
  }
  CHECK_FALSE(Catalog::open(folder.shop()).verify().empty());
}

TEST_CASE("checksums cannot be switched off by damage to the field that announces them") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const char reserved = GENERATE(0, 9, 10, -1);
  change(folder.shop(), [&](std::string& bytes) { bytes[kReservedOffset] = reserved; });
  check_fails([&] { Catalog::open(folder.shop()); }, ErrorCode::kCorrupt, "is damaged at byte 0");
}

TEST_CASE("a database without checksums is used as it is until it is compacted") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  make_without_page_checksums(folder.shop());
  CHECK(Catalog::open(folder.shop()).verify().empty());
  const Catalog reader = Catalog::open(folder.shop());
  {
    Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
    add(catalog, 1000);
    catalog.commit();
    CHECK(catalog.verify().empty());
  }
  CHECK(read_bytes(database_of(folder.shop()))[kReservedOffset] == 0);
  CHECK(Catalog::open(folder.shop()).verify().empty());
  {
    Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
    catalog.compact();
    add(catalog, 1001);
    catalog.commit();
    CHECK(catalog.verify().empty());
    // Readers of before and of now, while the log still holds the pages with checksums.
    CHECK(reader.verify().empty());
    CHECK(reader.newest().verify().empty());
    CHECK(Catalog::open(folder.shop()).stats().num_items == 202);
  }
  CHECK(reader.stats().num_items == 200);
  CHECK(reader.verify().empty());
  { Catalog::open(folder.shop(), Catalog::Mode::kReadWrite); }
  read_all(folder.shop());
  CHECK(Catalog::open(folder.shop()).verify().empty());
}

TEST_CASE("a compaction gives a database its checksums") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  make_without_page_checksums(folder.shop());
  Catalog::open(folder.shop(), Catalog::Mode::kReadWrite).compact();
  CHECK(has_checksums(folder.shop()));
  read_all(folder.shop());
}

TEST_CASE("a backup has checksums where the original has") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const bool is_old = GENERATE(false, true);
  {
    // More than SQLite keeps in memory, so that pages are written before the first one.
    Catalog catalog = Catalog::open(folder.shop(), Catalog::Mode::kReadWrite);
    catalog.set_blob("large", std::vector<std::byte>(6'000'000, std::byte{7}));
    catalog.commit();
  }
  if (is_old) make_without_page_checksums(folder.shop());
  const fs::path copy = folder.path() / "copy";
  Catalog::open(folder.shop()).back_up(copy);
  CHECK(has_checksums(copy) == !is_old);
  CHECK(Catalog::open(copy).verify().empty());
  CHECK(Catalog::open(copy).blob("large")->size() == 6'000'000);
}

TEST_CASE("a damaged database is not backed up") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const std::size_t page = pages_with(folder.shop(), "/pictures/7.jpg").at(0);
  change(folder.shop(), [&](std::string& bytes) { bytes[page + 1500] ^= 1; });
  const fs::path copy = folder.path() / "copy";
  check_fails([&] { Catalog::open(folder.shop()).back_up(copy); }, ErrorCode::kCorrupt,
              "is damaged at byte " + std::to_string(page));
  CHECK_FALSE(fs::exists(copy));
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
// Pictures, names and entries that nobody has vetted: one of them never ends a run.
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <string>
#include <string_view>

#include "engine/shop.h"
#include "vitrine/image.h"

using namespace vitrine;
using test::Shop;

namespace {

/// A PNG header that announces 60000 x 60000 pixels.
constexpr std::array<unsigned char, 33> kHugePngHeader = {
    0x89, 'P',  'N',  'G', '\r', '\n', 0x1A, '\n', 0, 0, 0, 13, 'I',  'H',  'D',  'R', 0,
    0,    0xEA, 0x60, 0,   0,    0xEA, 0x60, 8,    2, 0, 0, 0,  0x1E, 0xDA, 0x9E, 0xE5};

bool failed(const IngestReport& report, std::string_view name) {
  return std::any_of(report.failures.begin(), report.failures.end(), [&](const IngestFailure& failure) {
    return failure.path.ends_with(name) && !failure.reason.empty();
  });
}

}  // namespace

TEST_CASE("bad pictures are reported and the others are added") {
  Shop shop;
  for (std::uint32_t i = 0; i < 10; ++i) shop.add_photo(std::to_string(i) + ".png", i);
  const std::vector<std::byte> jpeg = encode_jpeg(test::seeded_picture(3));
  shop.folder.write("photos/0empty.jpg", std::string_view());
  shop.folder.write("photos/1truncated.jpg", std::span(jpeg).first(jpeg.size() / 2));
  shop.folder.write("photos/2text.jpg", std::string_view("dear reader, this is no picture"));
  shop.folder.write("photos/3huge.png", std::as_bytes(std::span(kHugePngHeader)));
  shop.folder.write("photos/zero.png", std::string_view("\0\0\0\0\0\0\0\0\0\0\0\0", 12));
  const IngestReport report = shop.ingest_photos();
  CHECK(report.num_added == 10);
  CHECK(report.failures.size() == 5);
  for (const char* name : {"0empty.jpg", "1truncated.jpg", "2text.jpg", "3huge.png", "zero.png"})
    CHECK(failed(report, name));
  CHECK(Catalog::open(shop.catalog_path()).stats().num_items == 10);

  const IngestReport again = shop.ingest_photos();
  CHECK(again.num_unchanged == 10);
  CHECK(again.failures.size() == 5);
}

TEST_CASE("copies of a bad picture fail with it") {
  Shop shop;
  for (int i = 0; i < 6; ++i)
    shop.folder.write("photos/" + std::to_string(i) + ".jpg", std::string_view("dear reader"));
  const IngestReport report = shop.ingest_photos();
  CHECK(report.num_added == 0);
  CHECK(report.failures.size() == 6);
}

TEST_CASE("a picture that the network refuses does not take its batch with it") {
  Shop shop;
  for (std::uint32_t i = 0; i < 8; ++i) shop.add_photo(std::to_string(i) + ".png", i);
  std::size_t num_refused = 0;
  shop.embedder.refused_width_px = test::seeded_picture(2).width_px();
  for (std::uint32_t i = 0; i < 8; ++i)
    num_refused += test::seeded_picture(i).width_px() == shop.embedder.refused_width_px ? 1 : 0;
  const IngestReport report = shop.ingest_photos();
  CHECK(report.failures.size() == num_refused);
  CHECK(report.num_added == 8 - num_refused);
}

TEST_CASE("an item whose file became bad keeps its old picture and is reported") {
  Shop shop;
  shop.add_photo("a.png", 1);
  shop.add_photo("b.png", 2);
  shop.ingest_photos();
  shop.folder.write("photos/a.png", std::string_view("now broken"));
  const IngestReport report = shop.ingest_photos();
  CHECK(failed(report, "a.png"));
  CHECK(report.num_removed == 0);
  const Catalog catalog = Catalog::open(shop.catalog_path());
  CHECK(catalog.item(catalog.find({"a", "a.png"}).value())->hash ==
        content_hash(encode_png(test::seeded_picture(1))));
}

TEST_CASE("entries of missing files, folders and pipes are reported at once") {
  Shop shop;
  shop.add_photo("good.png", 1);
  IngestSource source = list_folder(shop.photos());
  REQUIRE(::mkfifo((shop.folder / "pipe").c_str(), 0600) == 0);
  for (const char* name : {"missing.png", "photos", "pipe"}) {
    IngestEntry entry;
    entry.key = {name, name};
    entry.path = (shop.folder / name).string();
    source.entries.push_back(entry);
  }
  const IngestReport report = shop.ingest_source(source);
  CHECK(report.num_added == 1);
  CHECK(report.failures.size() == 3);
}

TEST_CASE("an entry with attributes that are no JSON object is reported") {
  Shop shop;
  for (std::uint32_t i = 0; i < 3; ++i) shop.add_photo(std::to_string(i) + ".png", i);
  IngestSource source = list_folder(shop.photos());
  source.entries[1].attributes_json = "{broken";
  CHECK(shop.ingest_source(source).failures.size() == 1);
  source.entries[1].attributes_json = "{}";
  CHECK(shop.ingest_source(source).num_added == 1);
  source.entries[1].attributes_json = "[]";
  const IngestReport report = shop.ingest_source(source);
  CHECK(report.failures.size() == 1);
  CHECK(report.num_unchanged == 2);
}

TEST_CASE("two entries of one key: the second is reported") {
  Shop shop;
  shop.add_photo("a.png", 1);
  IngestSource source = list_folder(shop.photos());
  source.entries.push_back(source.entries[0]);
  const IngestReport report = shop.ingest_source(source);
  CHECK(report.num_added == 1);
  CHECK(report.failures.size() == 1);
}

TEST_CASE("failures of the source are part of the report") {
  Shop shop;
  shop.add_photo("a.png", 1);
  IngestSource source = list_folder(shop.photos());
  source.failures.push_back({"manifest.csv:17", "no path"});
  CHECK(failed(shop.ingest_source(source), "manifest.csv:17"));
}

TEST_CASE("items below a folder that could not be listed are not removed") {
  Shop shop;
  shop.add_photo("a/1.png", 1);
  shop.add_photo("ab/2.png", 2);
  shop.add_photo("c.png", 3);
  shop.ingest_photos();
  IngestSource source = list_folder(shop.photos());
  std::erase_if(source.entries, [](const IngestEntry& entry) { return entry.category != ""; });
  source.failures.push_back({(shop.photos() / "a").string(), "cannot list: Permission denied"});
  const IngestReport report = shop.ingest_source(source);
  CHECK(report.num_removed == 1);
  CHECK(Catalog::open(shop.catalog_path()).find({"a/1", "a/1.png"}));
}

TEST_CASE("nothing is removed while lines of a manifest cannot be read") {
  Shop shop;
  shop.add_photo("a.png", 1);
  shop.add_photo("b.png", 2);
  const std::filesystem::path manifest =
      shop.folder.write("photos/list.csv", "path,product\na.png,A\nb.png,B\n");
  CHECK(shop.ingest_source(read_manifest(manifest)).num_added == 2);
  shop.folder.write("photos/list.csv", "path,product\na.png\n");
  const IngestReport report = shop.ingest_source(read_manifest(manifest));
  CHECK(report.failures.size() == 1);
  CHECK(report.num_removed == 0);
  CHECK(report.num_kept == 2);
  CHECK(Catalog::open(shop.catalog_path()).stats().num_items == 2);
  // A line that was read is enough to know which item is wanted.
  shop.folder.write("photos/list.csv", "path,product\na.png,A\na.png,A\n");
  const IngestReport twice = shop.ingest_source(read_manifest(manifest));
  CHECK(twice.failures.size() == 1);
  CHECK(twice.num_removed == 1);
  CHECK(twice.num_kept == 0);
}

TEST_CASE("names that are not UTF-8 are added and found again") {
  Shop shop;
  shop.add_photo("caf\xE9/na\xEFve.png", 1);
  CHECK(shop.ingest_photos().num_added == 1);
  CHECK(shop.ingest_photos().num_unchanged == 1);
  const Catalog catalog = Catalog::open(shop.catalog_path());
  const auto id = catalog.find({"caf%E9/na%EFve", "caf%E9/na%EFve.png"});
  REQUIRE(id);
  CHECK(catalog.item(*id)->path.ends_with("caf\xE9/na\xEFve.png"));
}

TEST_CASE("a file too large for any picture of the allowed size is reported without being read") {
  Shop shop;
  shop.add_photo("good.png", 1);
  shop.folder.write("photos/sparse.png", std::string_view("x"));
  std::filesystem::resize_file(shop.photos() / "sparse.png", std::uintmax_t{1} << 40);
  IngestOptions options;
  options.max_pixels = 1000;
  const IngestReport report = shop.ingest_photos(options);
  CHECK(report.num_added == 1);
  CHECK(failed(report, "sparse.png"));
}

TEST_CASE("an empty source empties the catalogue") {
  Shop shop;
  shop.add_photo("a.png", 1);
  shop.ingest_photos();
  CHECK(shop.ingest_source({}).num_removed == 1);
  CHECK(Catalog::open(shop.catalog_path()).stats().num_items == 0);
}

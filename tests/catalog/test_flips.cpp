// SPDX-License-Identifier: MIT
/// Flips bytes of a catalogue and cuts its files off: what is left is refused, reported, or as it was. The
/// texts and numbers in SQLite's pages have no checksum; docs/durability.md says what that means, and here is
/// tested that nothing worse comes of it.
#include <algorithm>
#include <cstdlib>
#include <map>

#include "catalog/samples.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

using Stored = std::map<std::string, std::pair<std::vector<std::byte>, std::vector<Half>>>;

struct Content {
  Stored rows;  ///< by all that SQLite knows of the item
  friend bool operator==(const Content&, const Content&) = default;
};

std::string text_of(const Item& item) {
  std::string text = item.key.product + '|' + item.key.picture + '|' + item.path + '|' + item.category + '|' +
                     item.attributes_json + '|' + std::to_string(item.hash.high) + '|' +
                     std::to_string(item.hash.low) + '|' + std::to_string(item.file_size_bytes) + '|' +
                     std::to_string(item.modified_ns) + '|' + std::to_string(item.width_px) + '|' +
                     std::to_string(item.height_px);
  for (const auto& [name, value] : item.quality) text += '|' + name + '=' + std::to_string(value);
  return text;
}

Content content_of(const Catalog& catalog) {
  Content content;
  catalog.for_each_row([&](const Catalog::Row& row) {
    const std::optional<Item> item = catalog.item(row.id);
    content.rows[std::to_string(row.id) + (item ? text_of(*item) : "")] = {
        {row.code.begin(), row.code.end()}, {row.feature, row.feature + kFeatureDim}};
  });
  return content;
}

void make_shop(const fs::path& folder) {
  Catalog catalog = Catalog::create(folder, small_identity());
  for (int i = 1; i <= 6; ++i) {
    add(catalog, i);
    if (i % 3 == 0) catalog.commit();
  }
}

struct Counts {
  int refused = 0;
  int reported = 0;  ///< by verify
  int same = 0;      ///< bytes that mean nothing
  int silent = 0;    ///< something differs and nobody says so
};

void count(const fs::path& shop, const Content& original, Counts& counts) {
  try {
    const Catalog catalog = Catalog::open(shop);
    const Content content = content_of(catalog);
    (void)catalog.select("price > 2");
    if (!catalog.verify().empty()) {
      ++counts.reported;
    } else if (content == original) {
      ++counts.same;
    } else {
      ++counts.silent;
      // Wrong words about an item, but never half a row or one that no item has.
      for (const auto& [text, row] : content.rows) {
        const bool is_known = std::any_of(original.rows.begin(), original.rows.end(),
                                          [&](const auto& known) { return known.second == row; });
        CHECK(is_known);
      }
    }
  } catch (const Error& error) {
    INFO(error.what());
    // A selection by a column whose name has changed is a wrong argument.
    if (error.code() == ErrorCode::kInvalidArgument) {
      CHECK_FALSE(Catalog::open(shop).verify().empty());
      ++counts.reported;
      return;
    }
    CHECK((error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kUnsupported ||
           error.code() == ErrorCode::kIo));
    CHECK_THAT(error.what(), Catch::Contains("'") || Catch::Contains("database"));
    ++counts.refused;
  }
}

/// Flips every `stride`-th byte of a file, wholly and in one bit.
Counts flip(const fs::path& shop, const std::string& name, const Content& original, std::size_t stride) {
  const fs::path file = shop / name;
  const std::string good = read_bytes(file);
  Counts counts;
  for (std::size_t at = 0; at < good.size(); at += stride) {
    std::string bad = good;
    bad[at] = static_cast<char>(bad[at] ^ (at / stride % 2 == 0 ? 0xff : 1 << at % 8));
    write_bytes(file, bad);
    INFO(name << " flipped at " << at);
    count(shop, original, counts);
  }
  write_bytes(file, good);
  return counts;
}

void flip_all(std::size_t stride, bool tell) {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const Content original = content_of(Catalog::open(folder.shop()));
  const auto report = [&](const char* name, const Counts& counts) {
    if (!tell) return;
    WARN(name << ": " << counts.refused << " refused, " << counts.reported << " reported, " << counts.same
              << " without effect, " << counts.silent << " silent");
  };
  const Counts segment =
      flip(folder.shop(), "segments/000001.vseg", original, std::min<std::size_t>(stride, 7));
  CHECK(segment.silent == 0);
  CHECK(segment.same == 0);
  report("segment", segment);
  const Counts database = flip(folder.shop(), "catalog.sqlite", original, stride);
  CHECK(database.refused > 0);
  CHECK(database.reported > 0);
  report("catalog.sqlite", database);
  // Nothing that was tried has changed the catalogue.
  CHECK(content_of(Catalog::open(folder.shop())) == original);
}

}  // namespace

TEST_CASE("flipped bytes are refused, reported, or words of an item; never a crash or a wrong row") {
  flip_all(101, false);
}

TEST_CASE("every byte of a catalogue flipped in turn", "[.slow]") {
  // The whole takes a quarter of an hour; a larger number takes a sample.
  const char* const stride = std::getenv("VITRINE_TEST_FLIP_STRIDE");
  flip_all(stride == nullptr ? 1 : std::stoul(stride), true);
}

TEST_CASE("files that end early are refused or reported") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const Content original = content_of(Catalog::open(folder.shop()));
  const std::string name = GENERATE("segments/000001.vseg", "catalog.sqlite");
  const fs::path file = folder.shop() / name;
  const std::string good = read_bytes(file);
  const std::size_t step = name == "catalog.sqlite" ? 4096 : 64;
  for (std::size_t length = 0; length < good.size(); length += step) {
    for (const std::size_t cut : {length, length + 1}) {
      INFO(name << " cut to " << cut);
      write_bytes(file, good.substr(0, cut));
      Counts counts;
      count(folder.shop(), original, counts);
      CHECK(counts.refused + counts.reported == 1);
    }
  }
}

}  // namespace vitrine::test

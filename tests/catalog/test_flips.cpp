// SPDX-License-Identifier: MIT
/// Flips bytes of a catalogue and cuts its files off: what is left is refused, reported, or as it was.
#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <map>
#include <vector>

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
  const fs::path model = folder.parent_path() / "model";
  write_bytes(model, "weights of a network");
  Catalog catalog = Catalog::create(folder, small_identity(), model);
  for (int i = 1; i <= 6; ++i) {
    add(catalog, i);
    if (i % 3 == 0) catalog.commit();
  }
}

struct Counts {
  int refused = 0;
  int reported = 0;  ///< by verify
  int same = 0;      ///< bytes that nothing reads
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
    }
  } catch (const Error& error) {
    INFO(error.what());
    CHECK((error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kUnsupported ||
           error.code() == ErrorCode::kIo));
    CHECK_THAT(error.what(), Catch::Contains("'") || Catch::Contains("database"));
    ++counts.refused;
  }
}

void put_byte(const fs::path& file, std::size_t place, char byte) {
  std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
  stream.seekp(static_cast<std::streamoff>(place));
  stream.put(byte);
}

/// Calls `look` with every `stride`-th byte of a file flipped in turn, wholly or in one bit.
void for_each_flip(const fs::path& file, std::size_t stride, const std::function<void()>& look) {
  const std::string good = read_bytes(file);
  REQUIRE_FALSE(good.empty());
  for (std::size_t at = 0; at < good.size(); at += stride) {
    put_byte(file, at, static_cast<char>(good[at] ^ (at / stride % 2 == 0 ? 0xff : 1 << at % 8)));
    INFO(file.filename() << " flipped at " << at);
    look();
    put_byte(file, at, good[at]);
  }
}

void flip_all(std::size_t stride, bool tell) {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const Content original = content_of(Catalog::open(folder.shop()));
  for (const std::string name : {"segments/000001.vseg", "model.safetensors", "catalog.sqlite"}) {
    Counts counts;
    const std::size_t step = name == "catalog.sqlite" ? stride : std::min<std::size_t>(stride, 7);
    for_each_flip(folder.shop() / name, step, [&] { count(folder.shop(), original, counts); });
    INFO(name);
    CHECK(counts.silent == 0);
    CHECK(counts.same == 0);
    CHECK(counts.refused + counts.reported > 0);
    if (tell)
      WARN(name << ": " << counts.refused << " refused, " << counts.reported << " reported, " << counts.same
                << " without effect, " << counts.silent << " silent");
  }
  // Nothing that was tried has changed the catalogue.
  CHECK(content_of(Catalog::open(folder.shop())) == original);
}

/// A copy of what a writer that was killed behind its second commit leaves, and the content after each
/// commit.
std::vector<Content> make_killed_shop(const fs::path& folder, const fs::path& copy) {
  make_shop(folder);
  Catalog writer = Catalog::open(folder, Catalog::Mode::kReadWrite);
  std::vector<Content> states{content_of(writer)};
  for (const int number : {7, 8}) {
    add(writer, number);
    writer.commit();
    states.push_back(content_of(writer));
  }
  fs::copy(folder, copy, fs::copy_options::recursive);
  return states;
}

void flip_log(std::size_t stride) {
  const CatalogFolder folder;
  const fs::path killed = folder.path() / "killed";
  const std::vector<Content> states = make_killed_shop(folder.shop(), killed);
  const fs::path log = killed / "catalog.sqlite-wal";
  const fs::path shared_memory = killed / "catalog.sqlite-shm";
  const std::string good = read_bytes(log);
  std::map<std::size_t, int> num_found;
  const auto look = [&] {
    fs::remove(shared_memory);  // was memory
    const Catalog catalog = Catalog::open(killed);
    CHECK(catalog.verify().empty());
    const auto found = std::find(states.begin(), states.end(), content_of(catalog));
    CHECK(found != states.end());
    ++num_found[static_cast<std::size_t>(found - states.begin())];
  };
  look();
  CHECK(num_found[2] == 1);
  for_each_flip(log, stride, look);
  CHECK(num_found[0] > 0);
  CHECK(num_found[1] > 0);
}

}  // namespace

TEST_CASE("flipped bytes are refused or reported; never a crash or a wrong word without one") {
  flip_all(101, false);
}

TEST_CASE("every byte of a catalogue flipped in turn", "[.slow]") {
  // A larger number takes a sample.
  const char* const stride = std::getenv("VITRINE_TEST_FLIP_STRIDE");
  flip_all(stride == nullptr ? 1 : std::stoul(stride), true);
}

TEST_CASE("a log that was damaged after a crash ends before the damage, with a whole commit") {
  flip_log(401);
}

TEST_CASE("every byte of a log flipped in turn", "[.slow]") {
  const char* const stride = std::getenv("VITRINE_TEST_FLIP_STRIDE");
  flip_log(stride == nullptr ? 1 : std::stoul(stride));
}

TEST_CASE("files that end early are refused or reported") {
  const CatalogFolder folder;
  make_shop(folder.shop());
  const Content original = content_of(Catalog::open(folder.shop()));
  const std::string name = GENERATE("segments/000001.vseg", "catalog.sqlite", "model.safetensors");
  const fs::path file = folder.shop() / name;
  const std::string good = read_bytes(file);
  // Of pages, and of headers and parts of a segment.
  const std::size_t step = name == "catalog.sqlite" ? 2048 : name == "model.safetensors" ? 3 : 64;
  for (std::size_t length = 0; length < good.size(); length += step) {
    for (const std::size_t cut : {length, length + 1}) {
      if (cut >= good.size()) continue;
      INFO(name << " cut to " << cut);
      write_bytes(file, good.substr(0, cut));
      Counts counts;
      count(folder.shop(), original, counts);
      CHECK(counts.refused + counts.reported == 1);
    }
  }
}

}  // namespace vitrine::test

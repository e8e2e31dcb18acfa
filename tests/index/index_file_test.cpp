// SPDX-License-Identifier: MIT
// Index files: what is saved comes back and goes on; what is damaged is refused by its place.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <limits>
#include <random>
#include <string>

#include "faulty_files.h"
#include "index/codes.h"
#include "index/index_file.h"
#include "index/index_file_exerciser.h"
#include "index/memory_file.h"
#include "temporary_folder.h"
#include "vitrine/error.h"
#include "vitrine/hamming_index.h"

namespace vitrine::test {
namespace {

using Bytes = std::vector<std::byte>;

Bytes read(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text((std::istreambuf_iterator<char>(file)), {});
  Bytes bytes(text.size());
  std::transform(text.begin(), text.end(), bytes.begin(), [](char c) { return static_cast<std::byte>(c); });
  return bytes;
}

HammingIndexOptions small_lists(std::size_t code_bits) {
  return {.code_bits = code_bits, .min_rows_for_lists = 200, .rows_per_list = 16};
}

// Rows 0 to `num_rows` - 1 about a few centres, in two partitions, a sixth of them removed again.
HammingIndex sample(const HammingIndexOptions& options, std::size_t num_rows) {
  HammingIndex index(options);
  std::mt19937_64 random(3);
  std::vector<Code> centres;
  for (int i = 0; i < 12; ++i) centres.push_back(random_code(random, options.code_bits / 8));
  for (RowId id = 0; id < num_rows; ++id) {
    Code code = centres[random() % centres.size()];
    for (int flip = 0; flip < 6; ++flip) {
      const std::size_t bit = random() % options.code_bits;
      code[bit / 8] ^= std::byte{1} << (bit % 8);
    }
    index.upsert(id, code, static_cast<PartitionId>(id % 2));
  }
  for (RowId id = 0; id < num_rows; id += 6) index.remove(id);
  return index;
}

void require_equal(const HammingIndex& left, const HammingIndex& right) {
  std::mt19937_64 random(4);
  REQUIRE(left.size() == right.size());
  const PartitionId one[] = {1};
  for (int i = 0; i < 30; ++i) {
    const Code code = random_code(random, left.code_bits() / 8);
    for (const double target_recall : {1.0, 0.9}) {
      REQUIRE(left.search(code, {.k = 25, .target_recall = target_recall}) ==
              right.search(code, {.k = 25, .target_recall = target_recall}));
    }
    REQUIRE(left.search(code, {.k = 25, .partitions = one}) ==
            right.search(code, {.k = 25, .partitions = one}));
  }
  for (RowId id = 0; id < left.size(); ++id) REQUIRE(left.code(id) == right.code(id));
}

std::string refusal(const std::filesystem::path& path, const HammingIndexOpenOptions& options = {}) {
  try {
    HammingIndex::open(path, options);
  } catch (const Error& error) {
    CHECK((error.code() == ErrorCode::kCorrupt || error.code() == ErrorCode::kUnsupported));
    return error.what();
  }
  return {};
}

}  // namespace

TEST_CASE("a saved index answers as before, with and without lists") {
  const TemporaryFolder folder;
  for (const std::size_t code_bits : {64, 512, 4096}) {
    for (const std::size_t num_rows : {0, 1, 7, 150, 3'000}) {
      INFO(code_bits << " bits, " << num_rows << " rows");
      const HammingIndex index = sample(small_lists(code_bits), num_rows);
      const Bytes host_data(num_rows % 100, std::byte{7});
      index.save(folder.path() / "rows", host_data);
      HammingIndex opened =
          HammingIndex::open(folder.path() / "rows", {.check_rows = true, .check_map = true});
      require_equal(index, opened);
      REQUIRE(std::equal(host_data.begin(), host_data.end(), opened.host_data().begin(),
                         opened.host_data().end()));
      const auto before = index.stats();
      const auto after = opened.stats();
      REQUIRE(before.num_lists == after.num_lists);
      REQUIRE(before.calibrated.size() == after.calibrated.size());
      for (std::size_t i = 0; i < before.calibrated.size(); ++i) {
        REQUIRE(before.calibrated[i].achieved_recall == after.calibrated[i].achieved_recall);
      }
    }
  }
}

TEST_CASE("an opened index goes on: its changes are its own until they are saved over the file it lies in") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "rows";
  HammingIndex index = sample(small_lists(512), 2'000);
  index.save(path);
  HammingIndex opened = HammingIndex::open(path);
  std::mt19937_64 random(9);
  for (RowId id = 0; id < 3'000; id += 2) {
    const Code code = random_code(random, 64);
    for (HammingIndex* changed : {&index, &opened}) {
      id % 5 == 0 ? void(changed->remove(id)) : changed->upsert(id, code, static_cast<PartitionId>(id % 2));
    }
  }
  for (HammingIndex* changed : {&index, &opened}) changed->optimize();
  while (opened.maintain()) {
  }
  // A search through lists depends on how they came to be, so only exact ones are compared.
  const auto require_equal_rows = [&](const HammingIndex& other) {
    REQUIRE(index.size() == other.size());
    for (int i = 0; i < 20; ++i) {
      const Code code = random_code(random, 64);
      REQUIRE(index.search(code, {.k = 30}) == other.search(code, {.k = 30}));
    }
  };
  require_equal_rows(opened);
  REQUIRE(HammingIndex::open(path).size() == sample(small_lists(512), 2'000).size());
  opened.save(path);
  require_equal_rows(HammingIndex::open(path, {.check_rows = true, .check_map = true}));
  require_equal_rows(opened);
}

TEST_CASE("a truncated index file is refused") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "rows";
  sample(small_lists(64), 300).save(path);
  const Bytes bytes = read(path);
  for (std::size_t length = 0; length < bytes.size(); length += length < 4096 ? 1 : 61) {
    const auto part = std::span(bytes).first(length);
    const MemoryFile file(part);
    INFO(length << " of " << bytes.size() << " bytes");
    REQUIRE(refusal(file.path()).find("damaged at byte") != std::string::npos);
  }
  REQUIRE(refusal(path).empty());
}

TEST_CASE("flipped bits of an index file are refused, and named by their place") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "rows";
  sample(small_lists(64), 300).save(path);
  const Bytes bytes = read(path);
  const auto layout = index::layout_of(index::decode_index_header(bytes, path).header);
  std::mt19937_64 random(5);
  for (std::size_t place = 0; place < bytes.size(); place += 1 + random() % 3) {
    Bytes damaged = bytes;
    damaged[place] ^= std::byte{1} << (random() % 8);
    const MemoryFile file(damaged);
    INFO("byte " << place);
    const bool is_row = place >= layout[index::RowPart::kIds].offset;
    const std::string found = refusal(file.path(), {.check_rows = true});
    // Padding between sections belongs to none of them.
    const auto covers = [&](const index::ByteRange& range) {
      return place >= range.offset && place < range.offset + range.length;
    };
    const bool is_padding = place >= index::kIndexHeaderBytes &&
                            std::none_of(layout.sections.begin(), layout.sections.end(), covers) &&
                            std::none_of(layout.parts.begin(), layout.parts.end(), covers);
    if (is_padding) continue;
    REQUIRE_FALSE(found.empty());
    REQUIRE(refusal(file.path()).empty() == is_row);
    const auto section = std::find_if(layout.sections.begin(), layout.sections.end(), covers);
    if (section != layout.sections.end()) {
      REQUIRE(found.find("byte " + std::to_string(section->offset) + ":") != std::string::npos);
    }
  }
}

TEST_CASE("a forged index file does no harm") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "rows";
  sample(small_lists(64), 400).save(path);
  const Bytes bytes = read(path);
  REQUIRE(exercise_index_file(bytes));
  const auto layout = index::layout_of(index::decode_index_header(bytes, path).header);
  std::mt19937_64 random(6);
  const std::uint64_t values[] = {
      0, 1, 7, 255, 0xffff, 0xffffffff, std::numeric_limits<std::uint64_t>::max()};
  int num_accepted = 0;
  for (int round = 0; round < 1500; ++round) {
    Bytes forged = bytes;
    const std::size_t end = round % 3 == 0 ? 248 : layout.parts[0].offset;
    for (std::size_t i = 1 + random() % 3; i > 0; --i) {
      const std::size_t place = random() % end;
      const std::uint64_t value = random() % 2 == 0 ? values[random() % std::size(values)] : random();
      for (std::size_t byte = 0; byte < std::min<std::size_t>(1 + random() % 8, end - place); ++byte) {
        forged[place + byte] = static_cast<std::byte>(value >> (8 * byte));
      }
    }
    repair_checksums(forged);
    num_accepted += exercise_index_file(forged) ? 1 : 0;
  }
  CHECK(num_accepted > 0);  // or the forgeries reached nothing
}

TEST_CASE("whichever operation of a save fails, the old file or the new one is there, whole") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "rows";
  FaultyFiles files;
  index::RowLists old_rows(1);
  index::RowLists new_rows(1);
  for (std::uint64_t id = 0; id < 500; ++id) {
    for (index::RowLists* rows : {&old_rows, &new_rows}) {
      if (id == 0) rows->create_list(0, nullptr);
      if (rows == &new_rows || id < 100) rows->add(0, id, &id);
    }
  }
  old_rows.commit();
  new_rows.commit();
  const index::IndexSettings settings{1, 1000, 0};
  const auto save = [&](const index::RowLists& rows) {
    index::write_index_file(files, path, rows, settings, {}, {});
  };
  save(old_rows);
  int num_failed = 0;
  for (int k = 0;; ++k) {
    for (const bool once : {true, false}) {
      save(old_rows);
      files.fail_at(k, once);
      try {
        save(new_rows);
      } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::kResource);
      }
      const bool failed = files.failed();
      files.never_fail();
      if (!failed) {
        CHECK(num_failed >= 14);  // open, two truncations, ten writes, sync, rename, folder
        return;
      }
      ++num_failed;
      const std::size_t size =
          HammingIndex::open(path, {.kernel = "", .check_rows = true, .check_map = true}).size();
      CHECK((size == 100 || size == 500));
    }
  }
}

TEST_CASE("a save that fails leaves the file as it was") {
  const TemporaryFolder folder;
  const auto path = folder.path() / "rows";
  const HammingIndex index = sample(small_lists(64), 300);
  index.save(path);
  const Bytes bytes = read(path);
  REQUIRE_THROWS_AS(index.save(folder.path() / "no such folder" / "rows"), Error);
  std::filesystem::create_directory(folder.path() / "rows.part");
  REQUIRE_THROWS_AS(sample(small_lists(64), 10).save(path), Error);
  REQUIRE(read(path) == bytes);
  REQUIRE_THROWS_AS(HammingIndex::open(folder.path() / "nothing"), Error);
  REQUIRE_THROWS_AS(HammingIndex::open(folder.path()), Error);
}

}  // namespace vitrine::test

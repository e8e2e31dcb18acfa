// SPDX-License-Identifier: MIT
/// docs/format.md and the code describe the same bytes: its worked example is written and read here.
#include <cstdlib>
#include <cstring>
#include <sstream>

#include "base/checksum.h"
#include "base/little_endian.h"
#include "catalog/database.h"
#include "catalog/pending_rows.h"
#include "catalog/samples.h"
#include "catalog/segment.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;
using namespace vitrine::catalog;
using base::get;
using base::put;

FileHeader example_header() {
  FileHeader header;
  header.shape = {64, 3};
  header.segment_number = 1;
  for (std::size_t i = 0; i < 16; ++i) header.catalog_id[i] = static_cast<std::byte>(0xa0 + i);
  header.model_hash = content_hash(std::as_bytes(std::span(std::string_view("test-model"))));
  return header;
}

/// Items 1 and 5 as samples.h makes them.
void write_example(const fs::path& file) {
  PendingRows rows(example_header().shape);
  rows.add(1, code_of(1), feature_of(1));
  rows.add(5, code_of(5), feature_of(5));
  const auto output = base::system_files().open(file, base::Files::Existence::kMayCreate);
  output->write_at(0, encode(example_header()));
  rows.write_section(*output, kFileHeaderBytes, 0);
}

std::string document_text() {
  const char* source = std::getenv("VITRINE_TEST_SOURCE");
  REQUIRE(source != nullptr);
  return read_bytes(fs::path(source) / "docs" / "format.md");
}

/// The bytes of the lines "0010: 00 01 ..." of the document.
std::string bytes_of_document() {
  std::istringstream document(document_text());
  std::string bytes;
  for (std::string line; std::getline(document, line);) {
    if (line.size() != 53 || line[4] != ':') continue;
    CHECK(std::stoul(line.substr(0, 4), nullptr, 16) == bytes.size());
    std::istringstream numbers(line.substr(5));
    for (std::string number; numbers >> number;) bytes += static_cast<char>(std::stoi(number, nullptr, 16));
  }
  return bytes;
}

void check_verifies(const Segment& segment) {
  std::vector<ItemId> ids;
  std::vector<CatalogProblem> problems;
  segment.verify(ids, problems);
  CHECK(ids == std::vector<ItemId>{1, 5});
  CHECK(problems.empty());
}

}  // namespace

TEST_CASE("the worked example of the format document is what is written") {
  const CatalogFolder folder;
  write_example(folder.path() / "example.vseg");
  CHECK(read_bytes(folder.path() / "example.vseg") == bytes_of_document());
}

TEST_CASE("the worked example of the format document can be read") {
  const CatalogFolder folder;
  const fs::path file = folder.path() / "example.vseg";
  write_bytes(file, bytes_of_document());
  const Segment segment(file, example_header(), {1, 512, 2});
  CHECK_NOTHROW(segment.check_feature(0));
  CHECK_NOTHROW(segment.check_feature(1));
  std::size_t hint = 0;
  const Segment::Row row = segment.row(1, hint);
  CHECK(row.id == 5);
  CHECK(std::vector<std::byte>(row.code.begin(), row.code.end()) == code_of(5));
  CHECK(std::vector<Half>(row.feature, row.feature + 3) == feature_of(5));
  check_verifies(segment);
}

TEST_CASE("a section of version 1.0, which has no checks of single features, is read and verified") {
  const CatalogFolder folder;
  const fs::path file = folder.path() / "example.vseg";
  std::string bytes = bytes_of_document();
  const auto behind_header = std::as_bytes(std::span(bytes)).subspan(kFileHeaderBytes);
  SectionHeader header = decode_section_header(behind_header, example_header().shape, {file, 0});
  CHECK(header.has_checks);
  header.has_checks = false;
  const auto encoded = encode(header);
  std::memcpy(bytes.data() + kFileHeaderBytes, encoded.data(), encoded.size());
  bytes.resize(448);
  write_bytes(file, bytes);
  const Segment segment(file, example_header(), {1, 448, 2});
  CHECK(std::vector<Half>(segment.feature(1), segment.feature(1) + 3) == feature_of(5));
  CHECK_NOTHROW(segment.check_feature(1));
  check_verifies(segment);
}

TEST_CASE("a damaged feature and a damaged check are told from the others of their section") {
  const CatalogFolder folder;
  const fs::path file = folder.path() / "example.vseg";
  const std::string good = bytes_of_document();
  for (const std::size_t place : {std::size_t{0x187}, std::size_t{0x1c4}}) {  // of the second row
    std::string bytes = good;
    bytes[place] ^= 4;
    write_bytes(file, bytes);
    const Segment segment(file, example_header(), {1, 512, 2});
    CHECK_NOTHROW(segment.check_feature(0));
    check_fails([&] { segment.check_feature(1); }, ErrorCode::kCorrupt, "damaged at byte 390");
    std::vector<ItemId> ids;
    std::vector<CatalogProblem> problems;
    segment.verify(ids, problems);
    CHECK(problems.size() == 1);
  }
}

TEST_CASE(
    "headers of a newer version or with a feature that must be understood are refused, others are ignored") {
  const Origin origin{"example.vseg", 0};
  const auto with = [&](std::size_t offset, int value) {
    auto bytes = encode(example_header());
    bytes[offset] = static_cast<std::byte>(value);
    const std::uint64_t checksum = base::checksum_64(std::span(bytes).first(120));
    put(bytes, 120, checksum);
    return bytes;
  };
  CHECK_NOTHROW(decode_file_header(with(10, 9), origin));  // minor version
  CHECK_NOTHROW(decode_file_header(with(28, 1), origin));  // a flag to be ignored
  CHECK_NOTHROW(decode_file_header(with(64, 1), origin));  // reserved
  check_fails([&] { decode_file_header(with(8, 2), origin); }, ErrorCode::kUnsupported, "version 2");
  check_fails([&] { decode_file_header(with(30, 1), origin); }, ErrorCode::kUnsupported, "does not know");
  check_fails([&] { decode_file_header(with(12, 64), origin); }, ErrorCode::kCorrupt,
              "length of the file header");
}

}  // namespace vitrine::test

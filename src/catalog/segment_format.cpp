// SPDX-License-Identifier: MIT
#include "catalog/segment_format.h"

#include <algorithm>
#include <bit>
#include <cstdio>
#include <limits>

#include "base/checksum.h"
#include "base/little_endian.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

using base::get;
using base::put;

// Codes, ids and features are used in place from the mapped file, which needs a machine of the file's byte
// order.
static_assert(std::endian::native == std::endian::little,
              "segment files are mapped, which needs little-endian");

// Like PNG's: a byte above 127, a line end of either kind and an end-of-file mark show what a text transfer
// does.
constexpr std::array<std::uint8_t, 8> kFileMagic = {0x89, 'V', 'S', 'E', 'G', 0x0d, 0x0a, 0x1a};
constexpr std::array<std::uint8_t, 8> kSectionMagic = {'V', 'S', 'E', 'C', 'T', 'I', 'O', 'N'};
constexpr std::uint16_t kHasChecks = 1;  // a flag of sections that a reader must know
constexpr std::size_t kChecksumOffset = 120;
static_assert(kFileHeaderBytes == kChecksumOffset + 8 && kSectionHeaderBytes == kChecksumOffset + 8);

using HeaderBytes = std::array<std::byte, kFileHeaderBytes>;

HeaderBytes start_header(const std::array<std::uint8_t, 8>& magic) {
  HeaderBytes bytes{};
  std::transform(magic.begin(), magic.end(), bytes.begin(), [](std::uint8_t b) { return std::byte{b}; });
  put(bytes, 8, kFormatMajor);
  put(bytes, 10, kFormatMinor);
  return bytes;
}

void finish_header(HeaderBytes& bytes) {
  put(bytes, kChecksumOffset, base::checksum_64(std::span(bytes).first(kChecksumOffset)));
}

// Magic, checksum, version and flags, in this order: a foreign file is told from a damaged one, a damaged one
// from a newer one.
// Returns the flags that a reader must know.
std::uint16_t check_common(std::span<const std::byte> bytes, const std::array<std::uint8_t, 8>& magic,
                           std::string_view what, std::size_t flags_offset, std::uint16_t known_flags,
                           const Origin& origin) {
  if (bytes.size() < kFileHeaderBytes) throw_corrupt(origin, "the " + std::string(what) + " is cut off");
  const bool known = std::equal(magic.begin(), magic.end(), bytes.begin(),
                                [](std::uint8_t a, std::byte b) { return std::byte{a} == b; });
  if (!known) throw_corrupt(origin, "no " + std::string(what) + " (wrong magic number)");
  const auto stored = get<std::uint64_t>(bytes, kChecksumOffset);
  if (stored != base::checksum_64(bytes.first(kChecksumOffset))) {
    throw_corrupt(origin, "the " + std::string(what) + " does not match its checksum");
  }
  const auto major = get<std::uint16_t>(bytes, 8);
  if (major != kFormatMajor) {
    throw Error(ErrorCode::kUnsupported,
                "cannot read '" + origin.file.string() + "': it has format version " + std::to_string(major) +
                    ", this build reads version " + std::to_string(kFormatMajor) + "; use a newer Vitrine");
  }
  const auto flags = get<std::uint16_t>(bytes, flags_offset + 2);
  if ((flags & ~known_flags) != 0) {
    throw Error(ErrorCode::kUnsupported,
                "cannot read '" + origin.file.string() + "': the " + std::string(what) + " at byte " +
                    std::to_string(origin.offset_bytes) +
                    " uses a feature that this build does not know; use a newer Vitrine");
  }
  return flags;
}

void expect(std::uint64_t found, std::uint64_t expected, const char* what, const Origin& origin) {
  if (found == expected) return;
  throw_corrupt(
      origin, std::string(what) + " is " + std::to_string(found) + ", expected " + std::to_string(expected));
}

}  // namespace

FeatureCheck feature_check(std::span<const std::byte> feature) {
  return static_cast<FeatureCheck>(base::checksum_64(feature));
}

SectionLayout section_layout(const RowShape& shape, std::uint64_t num_rows, bool has_checks) {
  SectionLayout layout;
  layout.ids_offset = kSectionHeaderBytes;
  layout.codes_offset = layout.ids_offset + align_up(num_rows * sizeof(ItemId));
  layout.features_offset = layout.codes_offset + align_up(num_rows * shape.code_bytes());
  layout.checks_offset = layout.features_offset + align_up(num_rows * shape.feature_bytes());
  layout.length_bytes = layout.checks_offset + (has_checks ? align_up(num_rows * sizeof(FeatureCheck)) : 0);
  return layout;
}

HeaderBytes encode(const FileHeader& header) {
  HeaderBytes bytes = start_header(kFileMagic);
  put(bytes, 12, static_cast<std::uint32_t>(kFileHeaderBytes));
  put(bytes, 16, static_cast<std::uint32_t>(header.shape.code_bits));
  put(bytes, 20, static_cast<std::uint32_t>(header.shape.feature_dim));
  put(bytes, 24, header.segment_number);
  std::copy(header.catalog_id.begin(), header.catalog_id.end(), bytes.begin() + 32);
  put(bytes, 48, header.model_hash.low);
  put(bytes, 56, header.model_hash.high);
  finish_header(bytes);
  return bytes;
}

HeaderBytes encode(const SectionHeader& header) {
  const SectionLayout layout = section_layout(header.shape, header.num_rows, header.has_checks);
  HeaderBytes bytes = start_header(kSectionMagic);
  put(bytes, 14, header.has_checks ? kHasChecks : std::uint16_t{0});
  put(bytes, 16, layout.length_bytes);
  put(bytes, 24, header.first_row);
  put(bytes, 32, header.num_rows);
  put(bytes, 40, static_cast<std::uint32_t>(header.shape.code_bits));
  put(bytes, 44, static_cast<std::uint32_t>(header.shape.feature_dim));
  put(bytes, 48, layout.ids_offset);
  put(bytes, 56, layout.codes_offset);
  put(bytes, 64, layout.features_offset);
  put(bytes, 72, header.ids_checksum);
  put(bytes, 80, header.codes_checksum);
  put(bytes, 88, header.features_checksum);
  if (header.has_checks) {
    put(bytes, 96, layout.checks_offset);
    put(bytes, 104, header.checks_checksum);
  }
  finish_header(bytes);
  return bytes;
}

FileHeader decode_file_header(std::span<const std::byte> bytes, const Origin& origin) {
  check_common(bytes, kFileMagic, "file header", 28, 0, origin);
  expect(get<std::uint32_t>(bytes, 12), kFileHeaderBytes, "the length of the file header", origin);
  FileHeader header;
  header.shape = {get<std::uint32_t>(bytes, 16), get<std::uint32_t>(bytes, 20)};
  header.segment_number = get<std::uint32_t>(bytes, 24);
  std::copy_n(bytes.begin() + 32, header.catalog_id.size(), header.catalog_id.begin());
  header.model_hash = {.high = get<std::uint64_t>(bytes, 56), .low = get<std::uint64_t>(bytes, 48)};
  return header;
}

SectionHeader decode_section_header(std::span<const std::byte> bytes, const RowShape& shape,
                                    const Origin& origin) {
  const std::uint16_t flags = check_common(bytes, kSectionMagic, "section header", 12, kHasChecks, origin);
  expect(get<std::uint32_t>(bytes, 40), shape.code_bits, "the number of code bits", origin);
  expect(get<std::uint32_t>(bytes, 44), shape.feature_dim, "the feature dimension", origin);
  SectionHeader header;
  header.shape = shape;
  header.has_checks = (flags & kHasChecks) != 0;
  header.first_row = get<std::uint64_t>(bytes, 24);
  header.num_rows = get<std::uint64_t>(bytes, 32);
  // Compared first, so that the products below cannot overflow.
  if (header.num_rows == 0 || header.num_rows > bytes.size() / sizeof(ItemId)) {
    throw_corrupt(origin, "a section of " + std::to_string(header.num_rows) + " rows does not fit into " +
                              std::to_string(bytes.size()) + " bytes");
  }
  const SectionLayout layout = section_layout(shape, header.num_rows, header.has_checks);
  if (layout.length_bytes > bytes.size()) {
    throw_corrupt(origin, "the section needs " + std::to_string(layout.length_bytes) + " bytes, only " +
                              std::to_string(bytes.size()) + " are committed");
  }
  expect(get<std::uint64_t>(bytes, 16), layout.length_bytes, "the length of the section", origin);
  expect(get<std::uint64_t>(bytes, 48), layout.ids_offset, "the offset of the ids", origin);
  expect(get<std::uint64_t>(bytes, 56), layout.codes_offset, "the offset of the codes", origin);
  expect(get<std::uint64_t>(bytes, 64), layout.features_offset, "the offset of the features", origin);
  header.ids_checksum = get<std::uint64_t>(bytes, 72);
  header.codes_checksum = get<std::uint64_t>(bytes, 80);
  header.features_checksum = get<std::uint64_t>(bytes, 88);
  if (header.has_checks) {
    expect(get<std::uint64_t>(bytes, 96), layout.checks_offset, "the offset of the checks", origin);
    header.checks_checksum = get<std::uint64_t>(bytes, 104);
  }
  return header;
}

void throw_corrupt(const Origin& origin, const std::string& finding) {
  throw Error(ErrorCode::kCorrupt, "'" + origin.file.string() + "' is damaged at byte " +
                                       std::to_string(origin.offset_bytes) + ": " + finding);
}

std::filesystem::path segment_path(const std::filesystem::path& folder, std::uint32_t number) {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "%06u.vseg", static_cast<unsigned>(number));
  return folder / "segments" / name.data();
}

}  // namespace vitrine::catalog

// SPDX-License-Identifier: MIT
#pragma once
/// The bytes of a segment file, as docs/format.md lays them down: one file header, then sections of one
/// header and four parts (ids, codes, features, checks of the features), everything aligned to 64 bytes.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "vitrine/catalog.h"

namespace vitrine::catalog {

constexpr std::uint16_t kFormatMajor = 1;
constexpr std::uint16_t kFormatMinor = 1;
constexpr std::size_t kAlignmentBytes = 64;
constexpr std::size_t kFileHeaderBytes = 128;
constexpr std::size_t kSectionHeaderBytes = 128;

/// Drawn at creation; keeps segments of different catalogues apart.
using CatalogId = std::array<std::byte, 16>;

/// What all rows of a segment have in common.
struct RowShape {
  std::size_t code_bits = 0;
  std::size_t feature_dim = 0;
  std::size_t code_bytes() const { return code_bits / 8; }
  std::size_t feature_bytes() const { return feature_dim * sizeof(Half); }
};

struct FileHeader {
  RowShape shape;
  std::uint32_t segment_number = 0;
  CatalogId catalog_id{};
  ContentHash model_hash;  ///< content_hash of the model fingerprint's text
};

struct SectionHeader {
  RowShape shape;
  std::uint64_t first_row = 0;
  std::uint64_t num_rows = 0;
  std::uint64_t ids_checksum = 0;
  std::uint64_t codes_checksum = 0;
  std::uint64_t features_checksum = 0;
  /// Sections of version 1.0 have no checks of single features.
  bool has_checks = true;
  std::uint64_t checks_checksum = 0;
};

/// Where the parts of a section lie, from the section's first byte; lengths include the padding to 64 bytes.
struct SectionLayout {
  std::uint64_t ids_offset = 0;
  std::uint64_t codes_offset = 0;
  std::uint64_t features_offset = 0;
  std::uint64_t checks_offset = 0;
  std::uint64_t length_bytes = 0;
};

/// Tells one damaged feature without a look at the rest of its section.
using FeatureCheck = std::uint32_t;
FeatureCheck feature_check(std::span<const std::byte> feature);

constexpr std::uint64_t align_up(std::uint64_t bytes) {
  return (bytes + kAlignmentBytes - 1) / kAlignmentBytes * kAlignmentBytes;
}

SectionLayout section_layout(const RowShape& shape, std::uint64_t num_rows, bool has_checks);

std::array<std::byte, kFileHeaderBytes> encode(const FileHeader& header);
std::array<std::byte, kSectionHeaderBytes> encode(const SectionHeader& header);

/// Where decoded bytes came from, for messages.
struct Origin {
  std::filesystem::path file;
  std::uint64_t offset_bytes = 0;
};

/// Errors: kCorrupt, kUnsupported (newer major version or a must-understand flag); the message names file and
/// offset.
FileHeader decode_file_header(std::span<const std::byte> bytes, const Origin& origin);

/// Checks everything about the header but its place among the others, and that it ends within `bytes`, which
/// start at the header and end at the committed length.
SectionHeader decode_section_header(std::span<const std::byte> bytes, const RowShape& shape,
                                    const Origin& origin);

/// "'<file>' is damaged at byte <offset>: <finding>"
[[noreturn]] void throw_corrupt(const Origin& origin, const std::string& finding);

/// "segments/000001.vseg" below the catalogue's folder.
std::filesystem::path segment_path(const std::filesystem::path& folder, std::uint32_t number);

}  // namespace vitrine::catalog

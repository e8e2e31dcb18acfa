// SPDX-License-Identifier: MIT
#pragma once
/// The bytes of an index file, as docs/format.md lays them down: a header, sections about lists and ids, and
/// the rows themselves, which are searched where they lie.
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "index/row_image.h"

namespace vitrine::index {

inline constexpr std::size_t kIndexHeaderBytes = 256;
/// Ids and codes have a checksum for so many bytes, so that damage can be named by its place.
inline constexpr std::size_t kPieceBytes = std::size_t{1} << 20;

struct IndexHeader {
  std::uint32_t code_bits = 0;
  std::uint64_t seed = 0;
  std::uint64_t min_rows_for_lists = 0;
  std::uint64_t rows_per_list = 0;
  std::uint64_t num_rows = 0;
  std::uint64_t num_lists = 0;
  std::uint64_t num_blocks = 0;
  std::uint64_t num_buckets = 0;  ///< of the map from ids to rows
  std::uint64_t calibration_bytes = 0;
  std::uint64_t host_bytes = 0;
};

/// The sections whose checksums the header holds, in the order of the file.
enum class Section : std::size_t { kHost, kLists, kCentroids, kCalibration, kShards, kBuckets, kPieces };
inline constexpr std::size_t kNumSections = 7;
using SectionChecksums = std::array<std::uint64_t, kNumSections>;

/// The parts of the rows, behind the sections.
enum class RowPart : std::size_t { kIds, kHeads, kTails };
inline constexpr std::size_t kNumRowParts = 3;

struct ByteRange {
  std::uint64_t offset = 0;
  std::uint64_t length = 0;
};

/// Where everything lies. Every section and part begins at a multiple of 64.
struct IndexLayout {
  std::array<ByteRange, kNumSections> sections;
  std::array<ByteRange, kNumRowParts> parts;
  std::uint64_t file_bytes = 0;

  const ByteRange& operator[](Section section) const { return sections[static_cast<std::size_t>(section)]; }
  const ByteRange& operator[](RowPart part) const { return parts[static_cast<std::size_t>(part)]; }
};

/// The header's numbers must be in the ranges that `decode_index_header` checks.
IndexLayout layout_of(const IndexHeader& header);
std::uint64_t num_pieces(const ByteRange& part);

inline constexpr std::size_t kListRecordBytes = 16;
void encode(const ListRecord& record, std::span<std::byte> bytes);
ListRecord decode_list_record(std::span<const std::byte> bytes);

inline constexpr std::size_t kShardRecordBytes = 8;
void encode(const ShardSize& size, std::span<std::byte> bytes);
ShardSize decode_shard_record(std::span<const std::byte> bytes);

std::array<std::byte, kIndexHeaderBytes> encode(const IndexHeader& header, const SectionChecksums& checksums);

struct DecodedHeader {
  IndexHeader header;
  SectionChecksums checksums;
};
/// Checks everything about the header, and that the file is as long as it says. Errors: kCorrupt,
/// kUnsupported (newer major version or a must-understand flag), naming file and offset.
DecodedHeader decode_index_header(std::span<const std::byte> file, const std::filesystem::path& path);

/// "cannot open the index '<file>': damaged at byte <offset>: <finding>"
[[noreturn]] void throw_damaged(const std::filesystem::path& path, std::uint64_t offset,
                                const std::string& finding);

}  // namespace vitrine::index

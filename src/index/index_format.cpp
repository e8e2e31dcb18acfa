// SPDX-License-Identifier: MIT
#include "index/index_format.h"

#include <algorithm>
#include <bit>

#include "base/checksum.h"
#include "base/little_endian.h"
#include "vitrine/error.h"

namespace vitrine::index {
namespace {

using base::get;
using base::put;

// Rows, lists and the map are used in place, which needs a machine of the file's byte order.
static_assert(std::endian::native == std::endian::little);

constexpr std::array<unsigned char, 8> kMagic = {0x89, 'V', 'H', 'I', 'X', '\r', '\n', 0x1a};
constexpr std::uint16_t kMajorVersion = 1;
constexpr std::uint16_t kMinorVersion = 0;
constexpr std::size_t kAlignmentBytes = 64;
constexpr std::size_t kBlockIdBytes = hamming::kRowsPerBlock * sizeof(RowId);
constexpr std::size_t kWordBytes = hamming::kRowsPerBlock * sizeof(std::uint64_t);  // of a block

// Offsets of the header's fields.
constexpr std::size_t kMajorAt = 8;
constexpr std::size_t kMinorAt = 10;
constexpr std::size_t kRequiredFlagsAt = 14;  // flags that a reader may ignore stand before, at 12
constexpr std::size_t kHeaderLengthAt = 16;
constexpr std::size_t kCodeBitsAt = 20;
constexpr std::size_t kSeedAt = 24;
constexpr std::size_t kMinRowsAt = 32;
constexpr std::size_t kRowsPerListAt = 40;
constexpr std::size_t kNumRowsAt = 48;
constexpr std::size_t kNumListsAt = 56;
constexpr std::size_t kNumBlocksAt = 64;
constexpr std::size_t kNumBucketsAt = 72;
constexpr std::size_t kCalibrationBytesAt = 80;
constexpr std::size_t kHostBytesAt = 88;
constexpr std::size_t kFileBytesAt = 96;
constexpr std::size_t kSectionChecksumsAt = 104;
constexpr std::size_t kHeaderChecksumAt = 248;

std::uint64_t align_up(std::uint64_t bytes) {
  return (bytes + kAlignmentBytes - 1) / kAlignmentBytes * kAlignmentBytes;
}

// Everything that must hold for the layout to be computed without overflow, and for rows to be addressed.
void check_ranges(const IndexHeader& header, std::uint64_t file_bytes, const std::filesystem::path& path) {
  const auto require = [&](bool holds, std::size_t offset, const std::string& finding) {
    if (!holds) throw_damaged(path, offset, finding);
  };
  const auto at_most = [&](std::uint64_t found, std::uint64_t limit, std::size_t offset, const char* what) {
    require(found <= limit, offset,
            std::to_string(found) + ' ' + what + ", expected at most " + std::to_string(limit));
  };
  require(header.code_bits != 0 && header.code_bits % 64 == 0 && header.code_bits <= kMaxWords * 64,
          kCodeBitsAt, std::to_string(header.code_bits) + " bits a code, expected a multiple of 64 to 4096");
  require(header.rows_per_list == 0 || header.rows_per_list >= hamming::kRowsPerBlock, kRowsPerListAt,
          std::to_string(header.rows_per_list) + " rows a list, expected 0 or at least 8");
  at_most(header.num_blocks, std::min<std::uint64_t>(kMaxBlocks, file_bytes / kBlockIdBytes), kNumBlocksAt,
          "blocks");
  at_most(header.num_rows, header.num_blocks * hamming::kRowsPerBlock, kNumRowsAt, "rows");
  at_most(header.num_lists, header.num_blocks, kNumListsAt, "lists");
  at_most(header.num_buckets, file_bytes / RowMap::kBucketBytes, kNumBucketsAt, "buckets");
  at_most(header.calibration_bytes, file_bytes, kCalibrationBytesAt, "bytes of calibration");
  at_most(header.host_bytes, file_bytes, kHostBytesAt, "bytes of the host");
}

}  // namespace

IndexLayout layout_of(const IndexHeader& header) {
  IndexLayout layout;
  std::uint64_t end = kIndexHeaderBytes;
  const auto place = [&](ByteRange& range, std::uint64_t length) {
    range = {end, length};
    end = align_up(end + length);
  };
  const auto section = [&](Section which) -> ByteRange& {
    return layout.sections[static_cast<std::size_t>(which)];
  };
  const std::uint64_t words = header.code_bits / 64;
  const std::uint64_t head_words = BlockStore::head_words_of(words);
  const std::array<std::uint64_t, kNumRowParts> part_bytes = {
      header.num_blocks * kBlockIdBytes, header.num_blocks * head_words * kWordBytes,
      header.num_blocks * (words - head_words) * kWordBytes};
  std::uint64_t pieces = 0;
  for (const std::uint64_t bytes : part_bytes) pieces += num_pieces({0, bytes});
  place(section(Section::kHost), header.host_bytes);
  place(section(Section::kLists), header.num_lists * kListRecordBytes);
  place(section(Section::kCentroids), header.num_lists * words * sizeof(std::uint64_t));
  place(section(Section::kCalibration), header.calibration_bytes);
  place(section(Section::kShards), RowMap::kNumShards * kShardRecordBytes);
  place(section(Section::kBuckets), header.num_buckets * RowMap::kBucketBytes);
  place(section(Section::kPieces), pieces * sizeof(std::uint64_t));
  for (std::size_t part = 0; part < kNumRowParts; ++part) place(layout.parts[part], part_bytes[part]);
  layout.file_bytes = end;
  return layout;
}

std::uint64_t num_pieces(const ByteRange& part) {
  return (part.length + kPieceBytes - 1) / kPieceBytes;
}

void encode(const ListRecord& record, std::span<std::byte> bytes) {
  put(bytes, 0, record.partition);
  put(bytes, 4, record.num_rows);
  put(bytes, 8, std::uint32_t{record.has_centroid ? 1u : 0u});
  put(bytes, 12, std::uint32_t{0});
}

ListRecord decode_list_record(std::span<const std::byte> bytes) {
  return {get<std::uint32_t>(bytes, 0), get<std::uint32_t>(bytes, 4),
          (get<std::uint32_t>(bytes, 8) & 1) != 0};
}

void encode(const ShardSize& size, std::span<std::byte> bytes) {
  put(bytes, 0, size.num_buckets);
  put(bytes, 4, size.num_rows);
}

ShardSize decode_shard_record(std::span<const std::byte> bytes) {
  return {get<std::uint32_t>(bytes, 0), get<std::uint32_t>(bytes, 4)};
}

std::array<std::byte, kIndexHeaderBytes> encode(const IndexHeader& header,
                                                const SectionChecksums& checksums) {
  std::array<std::byte, kIndexHeaderBytes> bytes{};
  std::transform(kMagic.begin(), kMagic.end(), bytes.begin(),
                 [](unsigned char byte) { return static_cast<std::byte>(byte); });
  put(bytes, kMajorAt, kMajorVersion);
  put(bytes, kMinorAt, kMinorVersion);
  put(bytes, kHeaderLengthAt, static_cast<std::uint32_t>(kIndexHeaderBytes));
  put(bytes, kCodeBitsAt, header.code_bits);
  put(bytes, kSeedAt, header.seed);
  put(bytes, kMinRowsAt, header.min_rows_for_lists);
  put(bytes, kRowsPerListAt, header.rows_per_list);
  put(bytes, kNumRowsAt, header.num_rows);
  put(bytes, kNumListsAt, header.num_lists);
  put(bytes, kNumBlocksAt, header.num_blocks);
  put(bytes, kNumBucketsAt, header.num_buckets);
  put(bytes, kCalibrationBytesAt, header.calibration_bytes);
  put(bytes, kHostBytesAt, header.host_bytes);
  put(bytes, kFileBytesAt, layout_of(header).file_bytes);
  for (std::size_t i = 0; i < kNumSections; ++i) put(bytes, kSectionChecksumsAt + 8 * i, checksums[i]);
  put(bytes, kHeaderChecksumAt, base::checksum_64(std::span(bytes).first(kHeaderChecksumAt)));
  return bytes;
}

DecodedHeader decode_index_header(std::span<const std::byte> file, const std::filesystem::path& path) {
  for (std::size_t i = 0; i < std::min(kMagic.size(), file.size()); ++i) {
    if (std::to_integer<unsigned>(file[i]) != kMagic[i]) throw_damaged(path, i, "this is not an index file");
  }
  if (file.size() < kIndexHeaderBytes) {
    throw_damaged(path, file.size(), "the file ends within its header of 256 bytes");
  }
  const auto major = get<std::uint16_t>(file, kMajorAt);
  if (major > kMajorVersion || get<std::uint16_t>(file, kRequiredFlagsAt) != 0) {
    throw Error(ErrorCode::kUnsupported, "cannot open the index '" + path.string() + "': format version " +
                                             std::to_string(major) +
                                             " or one of its flags is newer than this version of Vitrine");
  }
  if (get<std::uint64_t>(file, kHeaderChecksumAt) != base::checksum_64(file.first(kHeaderChecksumAt))) {
    throw_damaged(path, kHeaderChecksumAt, "the header does not match its checksum");
  }
  if (major != kMajorVersion || get<std::uint32_t>(file, kHeaderLengthAt) != kIndexHeaderBytes) {
    throw_damaged(path, kMajorAt, "the version or the length of the header is impossible");
  }
  DecodedHeader decoded;
  IndexHeader& header = decoded.header;
  header.code_bits = get<std::uint32_t>(file, kCodeBitsAt);
  header.seed = get<std::uint64_t>(file, kSeedAt);
  header.min_rows_for_lists = get<std::uint64_t>(file, kMinRowsAt);
  header.rows_per_list = get<std::uint64_t>(file, kRowsPerListAt);
  header.num_rows = get<std::uint64_t>(file, kNumRowsAt);
  header.num_lists = get<std::uint64_t>(file, kNumListsAt);
  header.num_blocks = get<std::uint64_t>(file, kNumBlocksAt);
  header.num_buckets = get<std::uint64_t>(file, kNumBucketsAt);
  header.calibration_bytes = get<std::uint64_t>(file, kCalibrationBytesAt);
  header.host_bytes = get<std::uint64_t>(file, kHostBytesAt);
  for (std::size_t i = 0; i < kNumSections; ++i) {
    decoded.checksums[i] = get<std::uint64_t>(file, kSectionChecksumsAt + 8 * i);
  }
  const auto file_bytes = get<std::uint64_t>(file, kFileBytesAt);
  if (file_bytes != file.size()) {
    throw_damaged(
        path, std::min<std::uint64_t>(file.size(), file_bytes),
        "the file has " + std::to_string(file.size()) + " bytes, expected " + std::to_string(file_bytes));
  }
  check_ranges(header, file_bytes, path);
  if (layout_of(header).file_bytes != file_bytes) {
    throw_damaged(path, kFileBytesAt, "the length of the file does not follow from its numbers of rows");
  }
  return decoded;
}

void throw_damaged(const std::filesystem::path& path, std::uint64_t offset, const std::string& finding) {
  throw Error(ErrorCode::kCorrupt, "cannot open the index '" + path.string() + "': damaged at byte " +
                                       std::to_string(offset) + ": " + finding);
}

}  // namespace vitrine::index

// SPDX-License-Identifier: MIT
#include "index/index_file.h"

#include <algorithm>
#include <array>
#include <bit>
#include <string>

#include "base/checksum.h"
#include "base/little_endian.h"
#include "vitrine/error.h"

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

std::span<const std::byte> bytes_of(std::span<const std::byte> file, const ByteRange& range) {
  return file.subspan(range.offset, range.length);
}

// --- Writing

// Collects bytes of one part of the rows and writes them piece by piece.
class PartWriter {
 public:
  PartWriter(base::OutputFile& file, std::uint64_t offset) : file_(file), offset_(offset) {
    buffer_.reserve(kPieceBytes);
  }
  void append(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const auto count = std::min(bytes.size(), kPieceBytes - buffer_.size());
      buffer_.insert(buffer_.end(), bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(count));
      bytes = bytes.subspan(count);
      if (buffer_.size() == kPieceBytes) flush();
    }
  }
  void flush() {
    if (buffer_.empty()) return;
    file_.write_at(offset_, buffer_);
    checksums_.push_back(base::checksum_64(buffer_));
    offset_ += buffer_.size();
    buffer_.clear();
  }
  const std::vector<std::uint64_t>& checksums() const { return checksums_; }

 private:
  base::OutputFile& file_;
  std::uint64_t offset_;
  std::vector<std::byte> buffer_;
  std::vector<std::uint64_t> checksums_;
};

// One version of the lists that have rows.
struct Snapshot {
  std::vector<const ListVersion*> versions;
  std::vector<ListRecord> records;
  std::vector<std::uint64_t> centroids;
  std::size_t num_rows = 0;
  std::size_t num_blocks = 0;
};

Snapshot take(const RowLists& rows, std::uint64_t version) {
  const ListTable& lists = rows.lists();
  const std::size_t words = lists.words();
  Snapshot snapshot;
  const std::size_t num_lists = lists.size();
  for (std::size_t i = 0; i < num_lists; ++i) {
    const auto list = static_cast<ListIndex>(i);
    const ListVersion* found = lists.at(list, version);
    if (found == nullptr || found->num_rows == 0) continue;
    const bool has_centroid = lists.has_centroid(list);
    snapshot.versions.push_back(found);
    snapshot.records.push_back({lists.partition(list), found->num_rows, has_centroid});
    snapshot.centroids.resize(snapshot.records.size() * words);
    if (has_centroid)
      lists.read_centroid(list, snapshot.centroids.data() + snapshot.centroids.size() - words);
    snapshot.num_rows += found->num_rows;
    snapshot.num_blocks += snapshot.records.back().num_blocks();
  }
  return snapshot;
}

// Calls visit(slot) for the live rows of a list.
template <typename Visit>
void for_each_row(const ListVersion& list, const Visit& visit) {
  const std::uint8_t* live = list.live();
  for (const Extent& extent : list.extents()) {
    for (BlockIndex block = extent.first; block < extent.first + extent.num_blocks; ++block) {
      for (unsigned mask = *live++; mask != 0; mask &= mask - 1) {
        visit(block * static_cast<Slot>(kRowsPerBlock) + static_cast<Slot>(std::countr_zero(mask)));
      }
    }
  }
}

class IndexFileWriter {
 public:
  IndexFileWriter(base::OutputFile& file, const RowLists& rows, const Snapshot& snapshot,
                  const IndexSettings& settings, std::span<const std::byte> calibration,
                  std::span<const std::byte> host_data)
      : file_(file), rows_(rows), snapshot_(snapshot), calibration_(calibration), host_data_(host_data) {
    header_ = {.code_bits = static_cast<std::uint32_t>(rows.blocks().words() * 64),
               .seed = settings.seed,
               .min_rows_for_lists = settings.min_rows_for_lists,
               .rows_per_list = settings.rows_per_list,
               .num_rows = snapshot.num_rows,
               .num_lists = snapshot.records.size(),
               .num_blocks = snapshot.num_blocks,
               .calibration_bytes = calibration.size(),
               .host_bytes = host_data.size()};
  }

  void write() {
    const PackedMap map = pack_map();
    header_.num_buckets = map.buckets.size() / RowMap::kBucketBytes;
    layout_ = layout_of(header_);
    // A file left by an attempt that was killed may be longer.
    file_.truncate(0);
    file_.truncate(layout_.file_bytes);
    write(Section::kHost, host_data_);
    std::vector<std::byte> lists(snapshot_.records.size() * kListRecordBytes);
    for (std::size_t i = 0; i < snapshot_.records.size(); ++i) {
      encode(snapshot_.records[i], std::span(lists).subspan(i * kListRecordBytes, kListRecordBytes));
    }
    write(Section::kLists, lists);
    write(Section::kCentroids, std::as_bytes(std::span(snapshot_.centroids)));
    write(Section::kCalibration, calibration_);
    std::vector<std::byte> shards(map.shards.size() * kShardRecordBytes);
    for (std::size_t i = 0; i < map.shards.size(); ++i) {
      encode(map.shards[i], std::span(shards).subspan(i * kShardRecordBytes, kShardRecordBytes));
    }
    write(Section::kShards, shards);
    write(Section::kBuckets, map.buckets);
    write(Section::kPieces, std::as_bytes(std::span<const std::uint64_t>(write_rows())));
    file_.write_at(0, encode(header_, checksums_));
    file_.sync();
  }

 private:
  void write(Section section, std::span<const std::byte> bytes) {
    checksums_[static_cast<std::size_t>(section)] = base::checksum_64(bytes);
    file_.write_at(layout_[section].offset, bytes);
  }

  // Rows in the order of the file, whose list's last block may be incomplete.
  PackedMap pack_map() {
    ids_.resize(snapshot_.num_blocks * kRowsPerBlock);
    std::vector<std::uint8_t> live(snapshot_.num_blocks, 0xff);
    std::size_t block = 0;
    for (std::size_t i = 0; i < snapshot_.versions.size(); ++i) {
      RowId* id = ids_.data() + block * kRowsPerBlock;
      for_each_row(*snapshot_.versions[i], [&](Slot slot) { *id++ = rows_.blocks().id(slot); });
      block += snapshot_.records[i].num_blocks();
      const auto num_missing = static_cast<unsigned>(ids_.data() + block * kRowsPerBlock - id);
      live[block - 1] = static_cast<std::uint8_t>(0xff >> num_missing);
    }
    return RowMap::pack(ids_, live);
  }

  // Returns the checksums of all pieces.
  std::vector<std::uint64_t> write_rows() {
    const std::size_t words = rows_.blocks().words();
    const std::size_t head_words = rows_.blocks().head_words();
    PartWriter ids(file_, layout_[RowPart::kIds].offset);
    PartWriter heads(file_, layout_[RowPart::kHeads].offset);
    PartWriter tails(file_, layout_[RowPart::kTails].offset);
    ids.append(std::as_bytes(std::span<const RowId>(ids_)));
    std::vector<std::uint64_t> block(words * kRowsPerBlock);
    std::uint64_t code[kMaxWords];
    for (const ListVersion* list : snapshot_.versions) {
      std::size_t row = 0;
      const auto finish_block = [&] {
        const auto bytes = std::as_bytes(std::span<const std::uint64_t>(block));
        heads.append(bytes.first(head_words * kRowsPerBlock * sizeof(std::uint64_t)));
        tails.append(bytes.subspan(head_words * kRowsPerBlock * sizeof(std::uint64_t)));
        std::fill(block.begin(), block.end(), 0);
        row = 0;
      };
      for_each_row(*list, [&](Slot slot) {
        rows_.blocks().read_code(slot, code);
        for (std::size_t word = 0; word < words; ++word) block[word * kRowsPerBlock + row] = code[word];
        if (++row == kRowsPerBlock) finish_block();
      });
      if (row != 0) finish_block();
    }
    std::vector<std::uint64_t> checksums;
    for (PartWriter* part : {&ids, &heads, &tails}) {
      part->flush();
      checksums.insert(checksums.end(), part->checksums().begin(), part->checksums().end());
    }
    return checksums;
  }

  base::OutputFile& file_;
  const RowLists& rows_;
  const Snapshot& snapshot_;
  std::span<const std::byte> calibration_;
  std::span<const std::byte> host_data_;
  IndexHeader header_;
  IndexLayout layout_;
  SectionChecksums checksums_{};
  std::vector<RowId> ids_;
};

// --- Reading

void check_sections(std::span<const std::byte> file, const DecodedHeader& decoded, const IndexLayout& layout,
                    const std::filesystem::path& path) {
  constexpr std::array<const char*, kNumSections> kNames = {
      "the host's data", "the lists",       "the centroids", "the calibration",
      "the map's sizes", "the map of rows", "the checksums"};
  for (std::size_t i = 0; i < kNumSections; ++i) {
    if (base::checksum_64(bytes_of(file, layout.sections[i])) != decoded.checksums[i]) {
      throw_damaged(path, layout.sections[i].offset,
                    std::string(kNames[i]) + " from here on: the bytes do not match their checksum");
    }
  }
}

void check_pieces(std::span<const std::byte> file, const IndexLayout& layout,
                  const std::filesystem::path& path) {
  const auto checksums = bytes_of(file, layout[Section::kPieces]);
  std::size_t piece = 0;
  for (const ByteRange& part : layout.parts) {
    for (std::uint64_t begin = 0; begin < part.length; begin += kPieceBytes, ++piece) {
      const ByteRange range{part.offset + begin, std::min<std::uint64_t>(kPieceBytes, part.length - begin)};
      const auto expected = base::get<std::uint64_t>(checksums, piece * sizeof(std::uint64_t));
      if (base::checksum_64(bytes_of(file, range)) != expected) {
        throw_damaged(path, range.offset,
                      "the " + std::to_string(range.length) +
                          " bytes from here on, ids or codes, do not "
                          "match their checksum");
      }
    }
  }
}

std::vector<ListRecord> read_lists(std::span<const std::byte> file, const IndexHeader& header,
                                   const IndexLayout& layout, const std::filesystem::path& path) {
  const ByteRange& section = layout[Section::kLists];
  std::vector<ListRecord> lists;
  lists.reserve(header.num_lists);
  std::uint64_t num_rows = 0;
  std::uint64_t num_blocks = 0;
  for (std::uint64_t offset = section.offset; offset < section.offset + section.length;
       offset += kListRecordBytes) {
    lists.push_back(decode_list_record(file.subspan(offset, kListRecordBytes)));
    if (lists.back().num_rows == 0) throw_damaged(path, offset, "a list without rows");
    num_rows += lists.back().num_rows;
    num_blocks += lists.back().num_blocks();
  }
  if (num_rows != header.num_rows || num_blocks != header.num_blocks) {
    throw_damaged(path, section.offset,
                  "the lists have " + std::to_string(num_rows) + " rows in " + std::to_string(num_blocks) +
                      " blocks, expected " + std::to_string(header.num_rows) + " in " +
                      std::to_string(header.num_blocks));
  }
  return lists;
}

}  // namespace

void write_index_file(base::Files& files, const std::filesystem::path& path, const RowLists& rows,
                      const IndexSettings& settings, std::span<const std::byte> calibration,
                      std::span<const std::byte> host_data) {
  const auto pin = rows.pin();
  const Snapshot snapshot = take(rows, pin.version());
  std::filesystem::path unfinished = path;
  unfinished += ".part";
  try {
    const auto file = files.open(unfinished, base::Files::Existence::kMayCreate);
    IndexFileWriter(*file, rows, snapshot, settings, calibration, host_data).write();
    files.rename(unfinished, path);
  } catch (...) {
    try {
      files.remove(unfinished);
    } catch (const Error&) {
      // The next save writes over it.
    }
    throw;
  }
  const std::filesystem::path folder = path.parent_path();
  files.sync_folder(folder.empty() ? "." : folder);
}

IndexFile read_index_file(const std::filesystem::path& path, bool check_rows) {
  IndexFile opened;
  opened.mapping = base::MappedFile(path, base::MappedFile::Access::kPrivateCopy);
  const std::span<std::byte> file = opened.mapping.writable_bytes();
  const DecodedHeader decoded = decode_index_header(file, path);
  const IndexHeader& header = decoded.header;
  const IndexLayout layout = layout_of(header);
  check_sections(file, decoded, layout, path);
  if (check_rows) check_pieces(file, layout, path);

  opened.code_bits = header.code_bits;
  opened.settings = {header.seed, header.min_rows_for_lists, header.rows_per_list};
  opened.calibration = bytes_of(file, layout[Section::kCalibration]);
  opened.host_data = bytes_of(file, layout[Section::kHost]);
  opened.rows.lists = read_lists(file, header, layout, path);
  const auto at = [&](const ByteRange& range) { return file.data() + range.offset; };
  opened.rows.centroids = {reinterpret_cast<const std::uint64_t*>(at(layout[Section::kCentroids])),
                           layout[Section::kCentroids].length / sizeof(std::uint64_t)};
  const auto shards = bytes_of(file, layout[Section::kShards]);
  for (std::size_t i = 0; i < RowMap::kNumShards; ++i) {
    opened.rows.shards.push_back(
        decode_shard_record(shards.subspan(i * kShardRecordBytes, kShardRecordBytes)));
  }
  const ByteRange& buckets = layout[Section::kBuckets];
  opened.rows.buckets = file.subspan(buckets.offset, buckets.length);
  opened.rows.blocks = {reinterpret_cast<RowId*>(at(layout[RowPart::kIds])),
                        reinterpret_cast<std::uint64_t*>(at(layout[RowPart::kHeads])),
                        reinterpret_cast<std::uint64_t*>(at(layout[RowPart::kTails])),
                        static_cast<std::size_t>(header.num_blocks)};
  return opened;
}

}  // namespace vitrine::index

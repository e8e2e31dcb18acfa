// SPDX-License-Identifier: MIT
#pragma once
/// A committed segment file, mapped. Opening checks every header; verify() reads every byte.
/// Const calls may run concurrently.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/mapped_file.h"
#include "catalog/segment_format.h"

namespace vitrine::catalog {

/// What the database says about a segment: how far it reaches.
struct SegmentExtent {
  std::uint32_t number = 0;
  std::uint64_t length_bytes = 0;
  std::uint64_t num_rows = 0;
  friend bool operator==(const SegmentExtent&, const SegmentExtent&) = default;
};

class Segment {
 public:
  struct Row {
    ItemId id;
    std::span<const std::byte> code;
    const Half* feature;
  };

  /// Maps the file and checks its headers up to the committed length; bytes behind it are ignored. `expected`
  /// names catalogue, model and shape. Errors: kNotFound as kCorrupt (a segment is missing), kCorrupt,
  /// kUnsupported, kIo.
  Segment(std::filesystem::path file, const FileHeader& expected, const SegmentExtent& extent);
  /// The same file after it has grown to `extent`; checks only what is new.
  Segment(const Segment& shorter, const SegmentExtent& extent);

  const std::filesystem::path& file() const { return file_; }
  const SegmentExtent& extent() const { return extent_; }
  std::uint64_t file_length_bytes() const { return map_.bytes().size(); }
  std::span<const std::byte> committed_bytes() const { return map_.bytes().first(extent_.length_bytes); }

  bool has(std::uint64_t row) const { return row < extent_.num_rows; }
  /// A row below extent().num_rows. O(1) in the hinted section, else a binary search that updates the hint.
  Row row(std::uint64_t row, std::size_t& section_hint) const;
  /// Its feature alone, without a look at anything else in the file.
  const Half* feature(std::uint64_t row) const;
  /// Throws kCorrupt if that feature does not match its check; rows of sections without checks pass.
  void check_feature(std::uint64_t row) const;

  /// Throws kCorrupt if the codes and ids of that section do not match their checksums.
  void check_codes(std::size_t section) const;

  /// A map that reaches a section appended behind the committed length; may throw. Nothing changes until
  /// adopt().
  base::MappedFile map_again();
  /// Takes over the longer file after the database has committed it. Pointers into the old map end here.
  void adopt(base::MappedFile map, const SegmentExtent& extent) noexcept;

  /// Calls `report` for each part that does not match its checksum and appends the ids of all rows.
  void verify(std::vector<ItemId>& ids, std::vector<CatalogProblem>& problems) const;

 private:
  struct Section {
    std::uint64_t first_row = 0;
    std::uint64_t offset_bytes = 0;
    bool has_checks = true;
  };
  /// Where the parts of a row lie.
  struct RowPlace {
    const std::byte* id = nullptr;
    const std::byte* code = nullptr;
    const Half* feature = nullptr;
    const std::byte* check = nullptr;  // null: there is none
  };
  RowPlace place_of(std::uint64_t row, std::size_t& section_hint) const;
  std::uint64_t num_rows_of(std::size_t section) const;
  template <typename Report>
  void compare_parts(std::size_t section, bool with_features, Report report) const;
  void check_file_header(const FileHeader& expected) const;
  void check_length() const;
  void read_sections(std::uint64_t offset_bytes, std::uint64_t num_rows);

  std::filesystem::path file_;
  RowShape shape_;
  SegmentExtent extent_;
  base::MappedFile map_;
  std::vector<Section> sections_;
};

}  // namespace vitrine::catalog

// SPDX-License-Identifier: MIT
#include "catalog/segment.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "base/checksum.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

base::MappedFile map_segment(const std::filesystem::path& file) {
  try {
    return base::MappedFile(file);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kNotFound) throw;
    throw Error(ErrorCode::kCorrupt,
                "segment '" + file.string() + "' is missing; restore the folder from a backup");
  }
}

}  // namespace

Segment::Segment(std::filesystem::path file, const FileHeader& expected, const SegmentExtent& extent)
    : file_(std::move(file)), shape_(expected.shape), extent_(extent), map_(map_segment(file_)) {
  // The header first: a file from elsewhere is better named as such than as too short.
  if (map_.bytes().size() >= kFileHeaderBytes) check_file_header(expected);
  check_length();
  read_sections(kFileHeaderBytes, 0);
}

Segment::Segment(const Segment& shorter, const SegmentExtent& extent)
    : file_(shorter.file_),
      shape_(shorter.shape_),
      extent_(extent),
      map_(map_segment(file_)),
      sections_(shorter.sections_) {
  check_length();
  read_sections(shorter.extent_.length_bytes, shorter.extent_.num_rows);
}

void Segment::check_length() const {
  if (map_.bytes().size() < extent_.length_bytes || extent_.length_bytes < kFileHeaderBytes) {
    throw_corrupt({file_, map_.bytes().size()},
                  "the file ends here, " + std::to_string(extent_.length_bytes) + " bytes are committed");
  }
}

void Segment::check_file_header(const FileHeader& expected) const {
  const Origin start{file_, 0};
  const FileHeader header = decode_file_header(map_.bytes(), start);
  if (header.catalog_id != expected.catalog_id) throw_corrupt(start, "it belongs to another catalogue");
  if (header.segment_number != extent_.number) {
    throw_corrupt(start, "it is segment " + std::to_string(header.segment_number) + ", expected segment " +
                             std::to_string(extent_.number));
  }
  if (header.model_hash != expected.model_hash) throw_corrupt(start, "it was made by another model");
  if (header.shape.code_bits != shape_.code_bits || header.shape.feature_dim != shape_.feature_dim) {
    throw_corrupt(start, "codes of " + std::to_string(header.shape.code_bits) + " bits and features of " +
                             std::to_string(header.shape.feature_dim) + " numbers, expected " +
                             std::to_string(shape_.code_bits) + " and " + std::to_string(shape_.feature_dim));
  }
}

// From a section that begins there, behind so many rows, to the end.
void Segment::read_sections(std::uint64_t offset, std::uint64_t num_rows) {
  const std::span<const std::byte> committed = map_.bytes().first(extent_.length_bytes);
  while (offset < committed.size()) {
    const Origin origin{file_, offset};
    const SectionHeader header = decode_section_header(committed.subspan(offset), shape_, origin);
    if (header.first_row != num_rows) {
      throw_corrupt(origin, "the section starts with row " + std::to_string(header.first_row) +
                                ", expected row " + std::to_string(num_rows));
    }
    sections_.push_back({num_rows, offset, header.has_checks});
    num_rows += header.num_rows;
    offset += section_layout(shape_, header.num_rows, header.has_checks).length_bytes;
  }
  if (num_rows != extent_.num_rows) {
    throw_corrupt({file_, offset}, "the sections hold " + std::to_string(num_rows) +
                                       " rows, the database expects " + std::to_string(extent_.num_rows));
  }
}

std::uint64_t Segment::num_rows_of(std::size_t section) const {
  const std::uint64_t end =
      section + 1 < sections_.size() ? sections_[section + 1].first_row : extent_.num_rows;
  return end - sections_[section].first_row;
}

Segment::RowPlace Segment::place_of(std::uint64_t row, std::size_t& section_hint) const {
  const auto contains = [&](std::size_t section) {
    return section < sections_.size() && row >= sections_[section].first_row &&
           row - sections_[section].first_row < num_rows_of(section);
  };
  if (!contains(section_hint)) {
    const auto next =
        std::upper_bound(sections_.begin(), sections_.end(), row,
                         [](std::uint64_t r, const Section& section) { return r < section.first_row; });
    section_hint = static_cast<std::size_t>(next - sections_.begin()) - 1;
  }
  const Section& section = sections_[section_hint];
  const SectionLayout layout = section_layout(shape_, num_rows_of(section_hint), section.has_checks);
  const std::uint64_t index = row - section.first_row;
  const std::byte* start = map_.bytes().data() + section.offset_bytes;
  // Parts are aligned to 64 bytes in the file and the map to a page, so the halves are aligned.
  return {start + layout.ids_offset + index * sizeof(ItemId),
          start + layout.codes_offset + index * shape_.code_bytes(),
          reinterpret_cast<const Half*>(start + layout.features_offset + index * shape_.feature_bytes()),
          section.has_checks ? start + layout.checks_offset + index * sizeof(FeatureCheck) : nullptr};
}

Segment::Row Segment::row(std::uint64_t row, std::size_t& section_hint) const {
  const RowPlace place = place_of(row, section_hint);
  Row result{{}, {place.code, shape_.code_bytes()}, place.feature};
  std::memcpy(&result.id, place.id, sizeof(ItemId));
  return result;
}

const Half* Segment::feature(std::uint64_t row) const {
  std::size_t section = 0;
  return place_of(row, section).feature;
}

void Segment::check_feature(std::uint64_t row) const {
  std::size_t section = 0;
  const RowPlace place = place_of(row, section);
  if (place.check == nullptr) return;
  const auto* const feature = reinterpret_cast<const std::byte*>(place.feature);
  FeatureCheck expected = 0;
  std::memcpy(&expected, place.check, sizeof(expected));
  if (feature_check({feature, shape_.feature_bytes()}) == expected) return;
  throw_corrupt({file_, static_cast<std::uint64_t>(feature - map_.bytes().data())},
                "the feature of row " + std::to_string(row) +
                    " does not match its check; restore the folder from a backup, or make the features again "
                    "with vitrine-admin reembed");
}

base::MappedFile Segment::map_again() {
  // Doubling by hand: adopt() must not allocate, and reserve(size + 1) would copy at every commit.
  if (sections_.size() == sections_.capacity()) sections_.reserve(2 * sections_.size() + 1);
  return base::MappedFile(file_);
}

void Segment::adopt(base::MappedFile map, const SegmentExtent& extent) noexcept {
  map_ = std::move(map);
  sections_.push_back({extent_.num_rows, extent_.length_bytes});
  extent_ = extent;
}

// Calls report(origin, finding) for each part that differs from its checksum.
template <typename Report>
void Segment::compare_parts(std::size_t section, bool with_features, Report report) const {
  const std::uint64_t start = sections_[section].offset_bytes;
  const std::span<const std::byte> rest = map_.bytes().first(extent_.length_bytes).subspan(start);
  const SectionHeader header = decode_section_header(rest, shape_, {file_, start});
  const SectionLayout layout = section_layout(shape_, header.num_rows, header.has_checks);
  const auto compare = [&](std::uint64_t begin, std::uint64_t end, std::uint64_t expected, const char* what) {
    if (base::checksum_64(rest.subspan(begin, end - begin)) == expected) return;
    report(Origin{file_, start + begin},
           std::string("the ") + what + " of rows " + std::to_string(header.first_row) + " to " +
               std::to_string(header.first_row + header.num_rows - 1) + " do not match their checksum");
  };
  compare(layout.ids_offset, layout.codes_offset, header.ids_checksum, "ids");
  compare(layout.codes_offset, layout.features_offset, header.codes_checksum, "codes");
  if (!with_features) return;
  compare(layout.features_offset, layout.checks_offset, header.features_checksum, "features");
  if (header.has_checks)
    compare(layout.checks_offset, layout.length_bytes, header.checks_checksum, "checks of the features");
}

void Segment::check_codes(std::size_t section) const {
  compare_parts(section, /*with_features=*/false, [](const Origin& origin, const std::string& finding) {
    throw_corrupt(origin, finding + "; restore the folder from a backup");
  });
}

void Segment::verify(std::vector<ItemId>& ids, std::vector<CatalogProblem>& problems) const {
  for (std::size_t i = 0; i < sections_.size(); ++i) {
    compare_parts(i, /*with_features=*/true, [&](const Origin& origin, const std::string& finding) {
      problems.push_back({origin.file, origin.offset_bytes, finding});
    });
    const std::uint64_t num_rows = num_rows_of(i);
    const std::byte* const first_id = map_.bytes().data() + sections_[i].offset_bytes +
                                      section_layout(shape_, num_rows, sections_[i].has_checks).ids_offset;
    const std::size_t num_before = ids.size();
    ids.resize(num_before + num_rows);
    std::memcpy(ids.data() + num_before, first_id, num_rows * sizeof(ItemId));
  }
}

}  // namespace vitrine::catalog

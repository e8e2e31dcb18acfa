// SPDX-License-Identifier: MIT
#include "catalog/row_copy.h"

#include <exception>

namespace vitrine::catalog {
namespace {

// So many rows are in memory at a time, and in a section.
constexpr std::size_t kSectionRows = 16'384;

}  // namespace

RowCopy::RowCopy(base::Files& files, const std::filesystem::path& folder, const Facts& facts,
                 std::uint32_t first_number, std::uint64_t limit_bytes)
    : files_(files), folder_(folder), facts_(facts), limit_bytes_(limit_bytes), rows_(facts.shape()) {
  extent_.number = first_number;
}

RowAddress RowCopy::add(const Segment::Row& row) {
  if (!file_) begin_segment();
  const RowAddress address{extent_.number, extent_.num_rows + rows_.size()};
  rows_.add(row.id, row.code, {row.feature, facts_.shape().feature_dim});
  if (rows_.size() == kSectionRows) {
    write_section();
    if (extent_.length_bytes >= limit_bytes_) end_segment();
  }
  return address;
}

std::vector<SegmentExtent> RowCopy::finish() {
  if (rows_.size() > 0) write_section();
  if (file_) end_segment();
  if (!finished_.empty()) files_.sync_folder(segment_path(folder_, extent_.number).parent_path());
  return finished_;
}

void RowCopy::discard() noexcept {
  file_.reset();
  finished_.push_back(extent_);
  for (const SegmentExtent& extent : finished_) {
    try {
      files_.remove(segment_path(folder_, extent.number));
    } catch (const std::exception&) {
      // The next writer that opens the catalogue removes what nothing refers to.
    }
  }
}

void RowCopy::begin_segment() {
  file_ = files_.open(segment_path(folder_, extent_.number), base::Files::Existence::kMayCreate);
  file_->truncate(0);
  file_->write_at(0, encode(facts_.segment_header(extent_.number)));
  extent_.length_bytes = kFileHeaderBytes;
}

void RowCopy::write_section() {
  extent_.length_bytes += rows_.write_section(*file_, extent_.length_bytes, extent_.num_rows);
  extent_.num_rows += rows_.size();
  rows_.clear();
}

void RowCopy::end_segment() {
  file_->sync();
  file_.reset();
  finished_.push_back(extent_);
  extent_ = {extent_.number + 1, 0, 0};
}

}  // namespace vitrine::catalog

// SPDX-License-Identifier: MIT
#pragma once
/// Writes rows into new segment files, for a compaction: durable, but nothing refers to them yet.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/files.h"
#include "catalog/pending_rows.h"
#include "catalog/schema.h"
#include "catalog/segment.h"

namespace vitrine::catalog {

class RowCopy {
 public:
  /// Files from `first_number` on, each of about `limit_bytes` at most.
  RowCopy(base::Files& files, const std::filesystem::path& folder, const Facts& facts,
          std::uint32_t first_number, std::uint64_t limit_bytes);

  /// Returns where the row will be.
  RowAddress add(const Segment::Row& row);
  /// Syncs what was written; no row can be added afterwards.
  std::vector<SegmentExtent> finish();
  /// Removes all files, as far as possible.
  void discard() noexcept;

 private:
  void begin_segment();
  void write_section();
  void end_segment();

  base::Files& files_;
  std::filesystem::path folder_;
  const Facts& facts_;
  std::uint64_t limit_bytes_;
  SegmentExtent extent_;  ///< of the segment that is being written
  std::unique_ptr<base::OutputFile> file_;
  PendingRows rows_;
  std::vector<SegmentExtent> finished_;
};

}  // namespace vitrine::catalog

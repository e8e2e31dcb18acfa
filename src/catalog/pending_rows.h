// SPDX-License-Identifier: MIT
#pragma once
/// Rows that wait for a commit, in memory, and how they become one section of a segment file.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "base/files.h"
#include "catalog/segment_format.h"

namespace vitrine::catalog {

class PendingRows {
 public:
  explicit PendingRows(const RowShape& shape) : shape_(shape) {}

  std::size_t size() const { return ids_.size(); }
  void add(ItemId id, std::span<const std::byte> code, std::span<const Half> feature);
  void clear();

  /// Rows keep their place in memory until clear().
  std::span<const std::byte> code(std::size_t row) const;
  const Half* feature(std::size_t row) const;
  ItemId id(std::size_t row) const { return ids_[row]; }

  /// Writes all rows as one section at the offset; does not sync. Returns the section's length.
  std::uint64_t write_section(base::OutputFile& file, std::uint64_t offset_bytes,
                              std::uint64_t first_row) const;

 private:
  // Blocks of fixed size never move, so spans into them survive later additions.
  static constexpr std::size_t kBlockRows = 1024;
  struct Block {
    std::vector<std::byte> codes;
    std::vector<Half> features;
  };

  template <typename View>
  std::uint64_t write_part(base::OutputFile& file, std::uint64_t offset_bytes, std::size_t row_bytes,
                           View view) const;

  RowShape shape_;
  std::vector<ItemId> ids_;
  std::vector<FeatureCheck> checks_;
  std::vector<Block> blocks_;
};

}  // namespace vitrine::catalog

// SPDX-License-Identifier: MIT
#pragma once
/// Rows as a file holds them: packed list by list into blocks without gaps, so that a list's blocks follow
/// from the numbers of rows of the lists before it.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "index/block_store.h"
#include "index/row_map.h"

namespace vitrine::index {

struct ListRecord {
  PartitionId partition = 0;
  std::uint32_t num_rows = 0;  ///< at least 1
  bool has_centroid = false;

  std::size_t num_blocks() const {
    return (std::size_t{num_rows} + hamming::kRowsPerBlock - 1) / hamming::kRowsPerBlock;
  }
};

/// Memory that must outlive what is built on it, which may write to it.
struct RowImage {
  std::vector<ListRecord> lists;
  std::span<const std::uint64_t> centroids;  ///< `[lists, words]`
  std::vector<ShardSize> shards;
  std::span<std::byte> buckets;  ///< of the map from ids to rows
  PackedBlocks blocks;
};

}  // namespace vitrine::index

// SPDX-License-Identifier: MIT
#pragma once
/// The rows of one list as one version of the index has them: which blocks, and which rows of these live.
/// Immutable once published, so a search that holds it needs no lock.
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "index/block_store.h"

namespace vitrine::index {

/// Consecutive blocks.
struct Extent {
  BlockIndex first;
  std::uint32_t num_blocks;
};

struct ListVersion {
  struct Delete {
    void operator()(ListVersion* version) const { ::operator delete(version); }
  };
  using Pointer = std::unique_ptr<ListVersion, Delete>;

  std::uint64_t version;  ///< of the index that first has it
  ListVersion* previous;  ///< what older versions of the index have; null: the list did not exist
  std::uint32_t num_rows;
  std::uint32_t num_blocks;
  std::uint32_t num_extents;

  // The extents and then the masks, one byte a block, lie behind these members in the same allocation.
  std::span<Extent> extents() { return {reinterpret_cast<Extent*>(this + 1), num_extents}; }
  std::span<const Extent> extents() const { return {reinterpret_cast<const Extent*>(this + 1), num_extents}; }
  std::uint8_t* live() { return reinterpret_cast<std::uint8_t*>(extents().data() + num_extents); }
  const std::uint8_t* live() const {
    return reinterpret_cast<const std::uint8_t*>(extents().data() + num_extents);
  }

  /// A version without a row that has these blocks.
  static Pointer make(std::span<const Extent> extents);
  /// A copy with `extra` (of at least one block) behind the other blocks; `continues` the last extent only if
  /// both lie in one chunk, which consecutive numbers alone do not tell.
  Pointer grown(const Extent& extra, bool continues) const;
  Pointer copy() const;

  /// Where a block stands in the list, if it does.
  std::optional<std::size_t> position(BlockIndex block) const;
  std::size_t bytes() const { return sizeof(ListVersion) + num_extents * sizeof(Extent) + num_blocks; }
};

}  // namespace vitrine::index

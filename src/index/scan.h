// SPDX-License-Identifier: MIT
#pragma once
/// The exact search: every block of the wanted partitions passes the kernel once for a batch of queries, tile
/// by tile, so that a tile is read from memory once and from the cache for the other queries.
#include <functional>
#include <span>

#include "hamming/kernel.h"
#include "index/nearest_selection.h"
#include "index/row_store.h"

namespace vitrine::index {

/// Which rows qualify; as in HammingSearchOptions.
struct ScanFilter {
  std::span<const PartitionId> partitions;
  const std::function<bool(RowId)>& row_filter;
};

/// Offers every qualifying row to the selection of each query; `queries` is `[selections.size(), words]`.
void scan_rows(const RowStore& rows, const hamming::Kernel& kernel, std::span<const std::uint64_t> queries,
               const ScanFilter& filter, std::span<NearestSelection> selections);

}  // namespace vitrine::index

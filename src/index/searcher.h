// SPDX-License-Identifier: MIT
#pragma once
/// Chooses how a search is carried out: through lists, by comparing all rows, coarsely at first, or by
/// looking up the few rows that are allowed.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "hamming/kernel.h"
#include "index/calibration.h"
#include "index/row_lists.h"
#include "vitrine/hamming_index.h"

namespace vitrine::index {

/// One search for a batch of codes; all must outlive the call.
struct SearchRequest {
  const RowLists& rows;
  std::uint64_t version;  ///< pinned by the caller
  std::size_t num_rows;   ///< in about that version
  const hamming::Kernel& kernel;
  const Calibration& calibration;
  std::span<const std::uint64_t> queries;  ///< `[n, words]`
  std::size_t k;                           ///< 0: all rows within `max_distance`
  std::uint32_t max_distance;              ///< at most the bits of a code
  const HammingSearchOptions& options;     ///< of which k and max_distance do not count
};

/// The rows found for each code.
std::vector<std::vector<Neighbor>> search(const SearchRequest& request);

}  // namespace vitrine::index

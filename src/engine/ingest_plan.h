// SPDX-License-Identifier: MIT
#pragma once
/// What a run has to do: the listed pictures compared with the catalogue by path, size and time, without
/// opening any.
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/ingest.h"

namespace vitrine::engine {

/// A picture whose file must be read.
struct PlannedPicture {
  std::size_t entry_index = 0;
  std::optional<ItemId> existing;  ///< the catalogue's item of the same key
  ContentHash existing_hash;       ///< of `existing`
};

struct IngestPlan {
  std::vector<PlannedPicture> pictures;                       ///< in source order
  std::vector<std::pair<ItemId, std::size_t>> metadata_only;  ///< item and entry: same file, other metadata
  std::vector<ItemId> vanished;                               ///< items that are no longer listed, ascending
  std::vector<IngestFailure> failures;
  std::uint64_t num_unchanged = 0;
  bool catalog_was_empty = true;
};

/// Compares; changes nothing. `should_stop` is polled now and then and ends the comparison early (nothing is
/// returned).
std::optional<IngestPlan> plan_ingest(const Catalog& catalog, const IngestSource& source,
                                      const std::function<bool()>& should_stop);

}  // namespace vitrine::engine

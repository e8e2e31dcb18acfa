// SPDX-License-Identifier: MIT
#pragma once
/// The search index of a catalogue as a file of its own, `search.vhix` in the catalogue's folder: codes in
/// the order of their lists, ready to be searched where they lie. It repeats what the catalogue knows, so it
/// may be missing, old or deleted at any time: searches then take the rest from the catalogue, which makes
/// opening slower and nothing else.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/hamming_index.h"

namespace vitrine {

struct SearchIndexOptions {
  /// Form the lists anew even if there are some: worth it after the kind of items has changed.
  bool form_lists_anew = false;
  /// Items from which lists are formed at all.
  std::size_t min_items_for_lists = 50'000;
  unsigned num_threads = 1;
};

struct SearchIndexInfo {
  bool up_to_date = false;  ///< with the catalogue as it was opened
  std::uint64_t file_bytes = 0;
  HammingIndexStats stats;
};

/// Brings the file up to date; does nothing if it is. The catalogue must be open for writing and have no
/// changes that are not committed. Cost: a few microseconds an item that changed, some ten an item if lists
/// are formed. Errors: kInvalidArgument for a catalogue open for reading, kIo, kResource (disk full: the old
/// file stays).
SearchIndexInfo refresh_search_index(const Catalog& catalog, const SearchIndexOptions& options = {});

/// What the file holds; nothing if there is none. Errors: those of HammingIndex::open.
std::optional<SearchIndexInfo> search_index_info(const Catalog& catalog);

/// Reads every byte of the file and compares it with the catalogue. No file is no problem.
std::vector<CatalogProblem> verify_search_index(const Catalog& catalog);

}  // namespace vitrine

// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "common/terminal.h"
#include "vitrine/catalog.h"
#include "vitrine/ingest.h"

namespace vitrine::tools {

/// What a run of vitrine-index did.
struct IndexSummary {
  std::filesystem::path folder;
  CatalogIdentity identity;
  IngestReport report{};
  std::vector<IngestFailure> warnings{};  ///< of the source
  double seconds = 0;
  std::uint64_t num_items = 0;  ///< in the catalogue afterwards
};

std::string index_summary_text(const IndexSummary& summary, const Style& style);

/// One JSON object, schema "vitrine.index/1" (docs/cli.md).
std::string index_summary_json(const IndexSummary& summary, bool on_one_line = false);

}  // namespace vitrine::tools

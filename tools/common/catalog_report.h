// SPDX-License-Identifier: MIT
#pragma once
/// What vitrine-admin prints about a catalogue.
#include <optional>
#include <string>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/search_index.h"

namespace vitrine::tools {

struct CatalogReport {
  std::string folder;
  CatalogIdentity identity;
  CatalogStats stats;
  std::optional<SearchIndexInfo> index;
};

std::string catalog_report_text(const CatalogReport& report);
std::string catalog_report_json(const CatalogReport& report);

/// One line a finding, or one that says there is none.
std::string problems_text(const std::vector<CatalogProblem>& problems);
std::string problems_json(const std::vector<CatalogProblem>& problems);

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#pragma once
/// What vitrine-admin prints about a catalogue.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "vitrine/catalog.h"
#include "vitrine/catalog_candidates.h"
#include "vitrine/search_index.h"

namespace vitrine::tools {

/// Whether the prediction of categories was fitted, on how many pictures, and what one should know about it.
struct CategoryFitState {
  std::optional<std::uint64_t> num_samples{};
  std::string remark{};
};

struct CatalogReport {
  std::string folder;
  CatalogIdentity identity;
  CatalogStats stats;
  std::optional<SearchIndexInfo> index;
  CategoryFitState category_fit;
  std::optional<CandidateCount> candidates{};
  std::optional<CatalogIdentity> standby{};  ///< the model of the catalogue that stands by
};

std::string catalog_report_text(const CatalogReport& report);
std::string catalog_report_json(const CatalogReport& report);

/// One line a finding, or one that says there is none.
std::string problems_text(const std::vector<CatalogProblem>& problems);
std::string problems_json(const std::vector<CatalogProblem>& problems);

/// That a backup or export, `what`, is complete.
std::string copy_report(const std::string& what, const std::string& folder, const CatalogStats& stats,
                        bool json);

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#pragma once
/// What vitrine-admin prints about the standby of a catalogue.
#include <string>

#include "common/index_summary.h"
#include "vitrine/standby.h"

namespace vitrine::tools {

/// What a run that brought the standby up to date did.
struct ReembedSummary {
  std::string catalog;
  IndexSummary standby;
  StandbyDifferences differences;  ///< that are left
};

std::string reembed_text(const ReembedSummary& summary);
/// One JSON object, schema "vitrine.reembed/1" (docs/cli.md).
std::string reembed_json(const ReembedSummary& summary);

/// After an exchange: which models serve and stand by now.
std::string switch_report(const std::string& catalog, const CatalogIdentity& serving,
                          const CatalogIdentity& standby, bool json);

}  // namespace vitrine::tools

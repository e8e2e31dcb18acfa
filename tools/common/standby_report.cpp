// SPDX-License-Identifier: MIT
#include "common/standby_report.h"

#include <nlohmann/json.hpp>

#include "common/utf8.h"

namespace vitrine::tools {
namespace {

using Json = nlohmann::ordered_json;

Json model_json(const CatalogIdentity& identity) {
  return {{"name", identity.model_name}, {"fingerprint", identity.model_fingerprint}};
}

std::string model_text(const CatalogIdentity& identity) {
  return without_controls(identity.model_name) + " (" + identity.model_fingerprint + ")";
}

std::string dumped(const Json& object) {
  return object.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace

std::string reembed_text(const ReembedSummary& summary) {
  std::string text = index_summary_text(summary.standby, Style(false));
  text += "  model " + model_text(summary.standby.identity) + "\n";
  const StandbyDifferences& differences = summary.differences;
  if (differences.empty())
    return text + "complete: 'vitrine-admin " + without_controls(summary.catalog) +
           " switch' puts it in the place of the catalogue\n";
  text += "not complete: " + std::to_string(differences.num_missing) + " items missing, " +
          std::to_string(differences.num_outdated) + " outdated, " + std::to_string(differences.num_surplus) +
          " too many, " + std::to_string(differences.num_older_versions) + " older versions\n";
  for (const std::string& example : differences.examples) text += "  " + without_controls(example) + "\n";
  return text;
}

std::string reembed_json(const ReembedSummary& summary) {
  const StandbyDifferences& differences = summary.differences;
  return dumped({{"schema", "vitrine.reembed/1"},
                 {"catalog", summary.catalog},
                 {"complete", differences.empty()},
                 {"missing", differences.num_missing},
                 {"outdated", differences.num_outdated},
                 {"surplus", differences.num_surplus},
                 {"older_versions", differences.num_older_versions},
                 {"standby", Json::parse(index_summary_json(summary.standby))}});
}

std::string switch_report(const std::string& catalog, const CatalogIdentity& serving,
                          const CatalogIdentity& standby, bool json) {
  if (json)
    return dumped({{"schema", "vitrine.switch/1"},
                   {"catalog", catalog},
                   {"model", model_json(serving)},
                   {"standby_model", model_json(standby)}});
  return without_controls(catalog) + ": serves " + model_text(serving) + "; " + model_text(standby) +
         " stands by, another switch brings it back\n";
}

}  // namespace vitrine::tools

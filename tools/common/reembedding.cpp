// SPDX-License-Identifier: MIT
#include "common/reembedding.h"

#include <chrono>
#include <iostream>
#include <optional>
#include <system_error>

#include "common/command_line.h"
#include "common/failure_list.h"
#include "common/index_target.h"
#include "common/interruption.h"
#include "common/model_location.h"
#include "common/progress_bar.h"
#include "common/standby_report.h"
#include "common/tool_main.h"
#include "vitrine/ingest.h"
#include "vitrine/search_index.h"
#include "vitrine/standby.h"

namespace vitrine::tools {
namespace {

namespace fs = std::filesystem;

// Nothing if the user stopped it: learning codes for another kind of model takes a while.
std::optional<IndexTarget> open_standby(const fs::path& standby, const IngestSource& source,
                                        const ReembedOptions& options) {
  std::error_code ignored;
  if (options.model.empty() && !fs::exists(standby, ignored))
    throw UsageError("there is no '" + standby.string() + "' yet: name its model with --model");
  try {
    return open_index_target(standby, source,
                             {.model = options.model,
                              .precision = precision_of(options.precision),
                              .num_threads = options.num_threads});
  } catch (const Error& error) {
    if (interruption_requested()) return std::nullopt;
    if (error.code() != ErrorCode::kUnsupported || options.model.empty()) throw;
    throw Error(error.code(), std::string(error.what()) + "; or delete '" + standby.string() +
                                  "' to begin with '" + options.model.string() + "'");
  }
}

}  // namespace

ExitCode reembed(std::string_view tool, const std::string& catalog, const ReembedOptions& options) {
  catch_interruptions();
  const fs::path standby = standby_folder(catalog);
  const auto start = std::chrono::steady_clock::now();
  ReembedSummary summary{
      .catalog = catalog, .standby = {.folder = standby, .identity = {}}, .differences = {}};
  const IngestSource source = list_catalog(Catalog::open(catalog));
  std::optional<IndexTarget> target = open_standby(standby, source, options);
  if (!target) {
    complain(tool, "interrupted before the standby was made; the same command begins anew");
    return ExitCode::kInterrupted;
  }
  summary.standby.identity = target->catalog.identity();
  {
    ProgressBar bar(ProgressBar::mode_for_stderr());
    summary.standby.report =
        ingest(target->catalog, *target->embedder, source,
               {.num_threads = options.num_threads,
                .on_progress = [&bar](const IngestProgress& progress) { bar.show(progress); },
                .should_stop = interruption_requested});
  }
  if (summary.standby.report.interrupted) {
    complain(tool, "interrupted; everything up to here is saved, the same command goes on");
    return ExitCode::kInterrupted;
  }
  copy_versions(Catalog::open(catalog), target->catalog);
  target->catalog.commit();
  refresh_search_index(target->catalog, {.num_threads = options.num_threads});
  summary.standby.num_items = target->catalog.stats().num_items;
  // The catalogue as it is now: others may have written to it.
  summary.differences = compare_with_standby(Catalog::open(catalog), target->catalog);
  summary.standby.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  print_failures(tool, summary.standby.report.failures, "--json lists all");
  std::cout << (options.json ? reembed_json(summary) : reembed_text(summary));
  return summary.differences.empty() ? ExitCode::kDone : ExitCode::kSomeFailed;
}

ExitCode switch_models(const std::string& catalog, bool anyway, bool json) {
  switch_to_standby(catalog, anyway ? SwitchRule::kAnyway : SwitchRule::kComplete);
  std::cout << switch_report(catalog, Catalog::open(catalog).identity(),
                             Catalog::open(standby_folder(catalog)).identity(), json);
  return ExitCode::kDone;
}

}  // namespace vitrine::tools

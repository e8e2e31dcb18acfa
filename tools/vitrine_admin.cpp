// SPDX-License-Identifier: MIT
// Looks after a catalogue: what it holds, whether it is whole, its search index, and how it predicts
// categories.
#include <algorithm>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "common/catalog_report.h"
#include "common/category_report.h"
#include "common/command_line.h"
#include "common/failure_list.h"
#include "common/interruption.h"
#include "common/model_loading.h"
#include "common/model_location.h"
#include "common/progress_bar.h"
#include "common/tool_main.h"
#include "vitrine/catalog.h"
#include "vitrine/catalog_categories.h"
#include "vitrine/engine.h"
#include "vitrine/search_index.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-admin";

struct Arguments {
  std::string catalog;
  std::string command;
  std::vector<std::string> validation;
  std::string precision = "auto";
  std::size_t max_samples = FitCategoriesOptions{}.max_samples;
  unsigned threads = 0;
  bool json = false;
};

CommandLine command_line(Arguments& arguments) {
  CommandLine line({kName, "looks after a catalogue", "SHOP info|verify|optimize|fit-categories [options]",
                    R"(info      prints what the catalogue holds, its model, and its search index: how
          many lists of similar pictures it has, and which share of the true
          neighbours searches find
verify    reads every byte and reports what is damaged
optimize  forms the lists of the search index anew; worth it after the kind of
          pictures has changed much. vitrine-index keeps the index up to date
          otherwise
fit-categories
          learns how far to believe the model and how far the nearest items
          when the category of a photo is predicted. Searches then keep to the
          likely categories. Photos of your own (--validation) are the best
          teachers; without them, the catalogue's own items are

Examples:
  vitrine-admin shop.vitrine info
  vitrine-admin shop.vitrine verify && cp -r shop.vitrine backup/
  vitrine-admin shop.vitrine fit-categories --validation photos.csv

Exit status: 0 done, 1 verify found damage, 2 usage (fit-categories: no
picture of a known category), 3 unreadable catalogue or one that cannot be
written, 5 fitted, but some pictures failed, 130 interrupted.
)"});
  line.texts("validation", "MANIFEST", arguments.validation,
             "fit-categories: photos that are not in the catalogue, a .csv or .jsonl file with the columns "
             "path and category");
  line.number("max-samples", "N", arguments.max_samples, {.minimum = 1},
              "fit-categories: most pictures to fit on");
  line.choice("precision", {std::begin(kPrecisionNames), std::end(kPrecisionNames)}, arguments.precision,
              "fit-categories: arithmetic of the network");
  line.number("threads,t", "N", arguments.threads, {.maximum = 1024},
              "threads that form lists or look at pictures; default: one per core");
  line.flag("json", arguments.json, "print JSON");
  return line;
}

CategoryFitState category_fit_state(const Catalog& catalog) {
  try {
    const auto fusion = stored_category_fusion(catalog);
    if (!fusion) return {};
    return {fusion->num_samples, category_changes_text(category_changes(*fusion, catalog))};
  } catch (const Error&) {
    return {std::nullopt, "unreadable; fit-categories makes it anew"};
  }
}

ExitCode info(const Arguments& arguments) {
  const Catalog catalog = Catalog::open(arguments.catalog);
  const CatalogReport report{arguments.catalog, catalog.identity(), catalog.stats(),
                             search_index_info(catalog), category_fit_state(catalog)};
  std::cout << (arguments.json ? catalog_report_json(report) : catalog_report_text(report));
  return ExitCode::kDone;
}

ExitCode verify(const Arguments& arguments) {
  const Catalog catalog = Catalog::open(arguments.catalog);
  std::vector<CatalogProblem> problems = catalog.verify();
  const auto of_index = verify_search_index(catalog);
  problems.insert(problems.end(), of_index.begin(), of_index.end());
  try {
    stored_category_fusion(catalog);
  } catch (const Error& error) {
    problems.push_back(
        {catalog.folder() / "catalog.sqlite", 0,
         std::string(error.what()) + "; searches go without it; fit-categories makes it anew"});
  }
  std::cout << (arguments.json ? problems_json(problems) : problems_text(problems));
  return problems.empty() ? ExitCode::kDone : ExitCode::kNothingFound;
}

ExitCode optimize(const Arguments& arguments) {
  const Catalog catalog = Catalog::open(arguments.catalog, Catalog::Mode::kReadWrite);
  const unsigned threads =
      arguments.threads != 0 ? arguments.threads : std::max(1u, std::thread::hardware_concurrency());
  const SearchIndexInfo index =
      refresh_search_index(catalog, {.form_lists_anew = true, .num_threads = threads});
  const CatalogReport report{arguments.catalog, catalog.identity(), catalog.stats(), index,
                             category_fit_state(catalog)};
  std::cout << (arguments.json ? catalog_report_json(report) : catalog_report_text(report));
  return ExitCode::kDone;
}

CatalogCategoryFit fit(const Arguments& arguments, const Engine& engine) {
  ProgressBar bar(ProgressBar::mode_for_stderr());
  FitCategoriesOptions options;
  options.max_samples = arguments.max_samples;
  options.num_threads = arguments.threads;
  options.on_progress = [&bar](const IngestProgress& progress) { bar.show(progress); };
  options.should_stop = interruption_requested;
  if (arguments.validation.empty()) return fit_categories(engine.catalog(), engine.embedder(), options);
  std::vector<IngestEntry> photos;
  std::vector<IngestFailure> bad_lines;
  for (const std::string& manifest : arguments.validation) {
    IngestSource source = read_manifest(manifest);
    std::move(source.entries.begin(), source.entries.end(), std::back_inserter(photos));
    std::move(source.failures.begin(), source.failures.end(), std::back_inserter(bad_lines));
  }
  CatalogCategoryFit result = fit_categories(engine.catalog(), engine.embedder(), photos, options);
  result.failures.insert(result.failures.begin(), bad_lines.begin(), bad_lines.end());
  return result;
}

ExitCode fit_and_keep(const Arguments& arguments) {
  catch_interruptions();
  CatalogCategoryFit result;
  try {
    result = fit(arguments, Engine::open(arguments.catalog, engine_options(arguments.precision)));
  } catch (const Error& error) {
    if (!interruption_requested()) throw;
    complain(kName, error.what());
    return ExitCode::kInterrupted;
  }
  Catalog catalog = Catalog::open(arguments.catalog, Catalog::Mode::kReadWrite);
  store_category_fusion(catalog, result.report.fusion);
  catalog.commit();
  // The commit changed the catalogue's state, though none of its items.
  refresh_search_index(catalog);
  print_failures(kName, result.failures, "--json lists all");
  std::cout << (arguments.json ? category_fit_json(result) : category_fit_text(result));
  return result.failures.empty() ? ExitCode::kDone : ExitCode::kSomeFailed;
}

ExitCode run(const Arguments& arguments) {
  if (arguments.command == "info") return info(arguments);
  if (arguments.command == "verify") return verify(arguments);
  if (arguments.command == "optimize") return optimize(arguments);
  if (arguments.command == "fit-categories") return fit_and_keep(arguments);
  throw UsageError("'" + arguments.command + "' is none of info, verify, optimize and fit-categories");
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    if (words.size() != 2)
      throw UsageError("give a catalogue and one of info, verify, optimize and fit-categories");
    arguments.catalog = words[0];
    arguments.command = words[1];
    return run(arguments);
  });
}

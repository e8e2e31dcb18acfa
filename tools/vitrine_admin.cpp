// SPDX-License-Identifier: MIT
// Looks after a catalogue: what it holds, whether it is whole, copies of it, its search index, how it
// predicts categories and what its scores mean, and its change to another model.
#include <algorithm>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "common/catalog_export.h"
#include "common/catalog_report.h"
#include "common/category_report.h"
#include "common/command_line.h"
#include "common/failure_list.h"
#include "common/interruption.h"
#include "common/model_loading.h"
#include "common/model_location.h"
#include "common/progress_bar.h"
#include "common/reembedding.h"
#include "common/score_report.h"
#include "common/tool_main.h"
#include "vitrine/catalog.h"
#include "vitrine/catalog_candidates.h"
#include "vitrine/catalog_categories.h"
#include "vitrine/catalog_ranker.h"
#include "vitrine/catalog_scores.h"
#include "vitrine/engine.h"
#include "vitrine/search_index.h"
#include "vitrine/standby.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-admin";

struct Arguments {
  std::string catalog;
  std::string destination;
  std::string format = "npy";
  std::vector<std::string> validation;
  std::string model;
  std::string precision = "auto";
  std::size_t max_samples = FitCategoriesOptions{}.max_samples;
  unsigned threads = 0;
  bool anyway = false;
  bool json = false;
};

CommandLine command_line(Arguments& arguments) {
  CommandLine line({kName, "looks after a catalogue", "SHOP COMMAND [DEST] [options]",
                    R"(info      prints what the catalogue holds, its model, and its search index with
          the share of true neighbours that searches find
verify    reads every byte and reports what is damaged
backup    copies the catalogue to the new folder DEST, even while it changes;
          the copy is verified before it gets its name
export    writes items, codes and features to the new folder DEST for NumPy,
          FAISS or PostgreSQL (--format)
optimize  forms the lists of the search index anew and measures how many of the
          nearest codes to compare by features, after the kind of pictures has
          changed much. vitrine-index keeps the index up to date otherwise
compact   gives the space of replaced and removed pictures back. vitrine-index
          does it by itself when they are more than half of all
fit-categories
          learns how far to believe the model and how far the nearest items
          when a photo's category is predicted; searches then keep to the
          likely ones. From photos of your own (--validation), or the items
fit-scores
          learns what a score means: the probability that a hit shows the same
          product. From photos whose product is known (--validation), or
          several pictures a product
reembed   makes SHOP.standby beside the catalogue, with the same items by
          another model (--model), or brings it up to date; SHOP serves on
switch    exchanges SHOP and SHOP.standby in one step; programs that search
          follow. Again: back

Examples:
  vitrine-admin shop.vitrine info
  vitrine-admin shop.vitrine backup /backups/shop-monday
  vitrine-admin shop.vitrine export faiss/ --format faiss
  vitrine-admin shop.vitrine fit-scores --validation photos.csv
  vitrine-admin shop.vitrine reembed --model new.safetensors

Exit status: 0 done, 1 verify found damage, 2 usage (fit-...: no picture
of a known category or product; switch: incomplete), 3 unreadable, or it cannot
be written, 5 done but for some pictures, 130 interrupted.
)"});
  line.texts("validation", "MANIFEST", arguments.validation,
             "fit-...: photos that are not in the catalogue, a .csv or .jsonl file with the columns path and "
             "category or product");
  line.number("max-samples", "N", arguments.max_samples, {.minimum = 1}, "fit-...: most pictures to fit on");
  line.text("model", "FILE", arguments.model, "reembed: model of SHOP.standby; default: its own");
  line.flag("anyway", arguments.anyway, "switch: though the standby lacks items");
  line.choice("precision", {std::begin(kPrecisionNames), std::end(kPrecisionNames)}, arguments.precision,
              "fit-..., reembed: arithmetic of the network");
  line.choice("format", {"npy", "faiss", "pgvector"}, arguments.format, "export: form of the files");
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

// What cannot be read is none; `verify` tells.
std::optional<CandidateCount> readable_candidate_count(const Catalog& catalog) {
  try {
    return stored_candidate_count(catalog);
  } catch (const Error&) {
    return std::nullopt;
  }
}

// Nothing if there is none, or one that cannot be read.
std::optional<CatalogIdentity> standby_identity(const Catalog& catalog) {
  try {
    return Catalog::open(standby_folder(catalog.folder())).identity();
  } catch (const Error&) {
    return std::nullopt;
  }
}

void print_report(const Arguments& arguments, const Catalog& catalog,
                  const std::optional<SearchIndexInfo>& index) {
  const CatalogReport report{arguments.catalog,
                             catalog.identity(),
                             catalog.stats(),
                             index,
                             category_fit_state(catalog),
                             readable_candidate_count(catalog),
                             standby_identity(catalog)};
  std::cout << (arguments.json ? catalog_report_json(report) : catalog_report_text(report));
}

ExitCode info(const Arguments& arguments) {
  const Catalog catalog = Catalog::open(arguments.catalog);
  print_report(arguments, catalog, search_index_info(catalog));
  return ExitCode::kDone;
}

ExitCode verify(const Arguments& arguments) {
  const Catalog catalog = Catalog::open(arguments.catalog);
  std::vector<CatalogProblem> problems = catalog.verify();
  const auto of_index = verify_search_index(catalog);
  problems.insert(problems.end(), of_index.begin(), of_index.end());
  const auto check = [&](const auto& read, const std::string& command) {
    try {
      read(catalog);
    } catch (const Error& error) {
      problems.push_back(
          {catalog.folder() / "catalog.sqlite", 0,
           std::string(error.what()) + "; searches go without it; " + command + " makes it anew"});
    }
  };
  check(stored_candidate_count, "optimize");
  check(stored_category_fusion, "fit-categories");
  check(stored_score_calibration, "fit-scores");
  check(stored_product_score_calibration, "fit-scores");
  check(stored_quality_ranker, "vitrine-train-ranker");
  std::cout << (arguments.json ? problems_json(problems) : problems_text(problems));
  return problems.empty() ? ExitCode::kDone : ExitCode::kNothingFound;
}

unsigned num_threads(const Arguments& arguments) {
  return arguments.threads != 0 ? arguments.threads : std::max(1u, std::thread::hardware_concurrency());
}

ExitCode back_up(const Arguments& arguments) {
  Catalog::open(arguments.catalog).back_up(arguments.destination);
  std::cout << copy_report("backup", arguments.destination, Catalog::open(arguments.destination).stats(),
                           arguments.json);
  return ExitCode::kDone;
}

ExitCode export_items(const Arguments& arguments) {
  catch_interruptions();
  const Catalog catalog = Catalog::open(arguments.catalog);
  try {
    export_catalog(catalog, arguments.destination, arguments.format,
                   {.num_threads = num_threads(arguments), .should_stop = interruption_requested});
  } catch (const Error& error) {
    if (!interruption_requested()) throw;
    complain(kName, error.what());
    return ExitCode::kInterrupted;
  }
  std::cout << copy_report("export", arguments.destination, catalog.stats(), arguments.json);
  return ExitCode::kDone;
}

std::optional<CandidateCount> measure_candidates(const Arguments& arguments, const Catalog& catalog) {
  const ImmediateInterruption interruption(
      "vitrine-admin: interrupted; nothing was changed, the same command begins anew\n");
  return fit_candidate_count(catalog, {.num_threads = arguments.threads});
}

// The index is a file of its own, which gets its name when it is whole.
SearchIndexInfo form_lists(const Arguments& arguments, const Catalog& catalog) {
  const ImmediateInterruption interruption(
      "vitrine-admin: interrupted; the number of candidates is measured, the search index may still have its "
      "old lists: searches go on with them, the same command forms them anew\n");
  return refresh_search_index(catalog, {.form_lists_anew = true, .num_threads = num_threads(arguments)});
}

ExitCode optimize(const Arguments& arguments) {
  catch_interruptions();
  Catalog catalog = Catalog::open(arguments.catalog, Catalog::Mode::kReadWrite);
  if (const auto candidates = measure_candidates(arguments, catalog)) {
    store_candidate_count(catalog, *candidates);
    catalog.commit();
  }
  print_report(arguments, catalog, form_lists(arguments, catalog));
  return ExitCode::kDone;
}

ExitCode compact(const Arguments& arguments) {
  Catalog catalog = Catalog::open(arguments.catalog, Catalog::Mode::kReadWrite);
  catalog.compact();
  print_report(arguments, catalog, refresh_search_index(catalog));
  return ExitCode::kDone;
}

struct Validation {
  std::vector<IngestEntry> photos;
  std::vector<IngestFailure> bad_lines;
};

Validation read_validation(const Arguments& arguments) {
  Validation validation;
  for (const std::string& manifest : arguments.validation) {
    IngestSource source = read_manifest(manifest);
    std::move(source.entries.begin(), source.entries.end(), std::back_inserter(validation.photos));
    std::move(source.failures.begin(), source.failures.end(), std::back_inserter(validation.bad_lines));
  }
  return validation;
}

template <typename Options>
Options fit_options(const Arguments& arguments, ProgressBar& bar) {
  Options options;
  options.max_samples = arguments.max_samples;
  options.num_threads = arguments.threads;
  options.on_progress = [&bar](const IngestProgress& progress) { bar.show(progress); };
  options.should_stop = interruption_requested;
  return options;
}

CatalogCategoryFit fit_category_prediction(const Arguments& arguments, const Engine& engine,
                                           const std::vector<IngestEntry>& photos, ProgressBar& bar) {
  const auto options = fit_options<FitCategoriesOptions>(arguments, bar);
  if (arguments.validation.empty()) return fit_categories(*engine.catalog(), engine.embedder(), options);
  return fit_categories(*engine.catalog(), engine.embedder(), photos, options);
}

CatalogScoreFit fit_score_meaning(const Arguments& arguments, const Engine& engine,
                                  const std::vector<IngestEntry>& photos, ProgressBar& bar) {
  const auto options = fit_options<FitScoresOptions>(arguments, bar);
  return arguments.validation.empty() ? fit_scores(engine, options) : fit_scores(engine, photos, options);
}

// Fits, keeps the result in the catalogue and reports it.
template <typename Fit, typename Keep, typename Report>
ExitCode fit_and_keep(const Arguments& arguments,
                      Fit (*fit)(const Arguments&, const Engine&, const std::vector<IngestEntry>&,
                                 ProgressBar&),
                      const Keep& keep, const Report& report) {
  catch_interruptions();
  Fit result;
  try {
    ProgressBar bar(ProgressBar::mode_for_stderr());
    const Validation validation = read_validation(arguments);
    const Engine engine = Engine::open(arguments.catalog, engine_options(arguments.precision));
    result = fit(arguments, engine, validation.photos, bar);
    result.failures.insert(result.failures.begin(), validation.bad_lines.begin(), validation.bad_lines.end());
  } catch (const Error& error) {
    if (!interruption_requested()) throw;
    complain(kName, error.what());
    return ExitCode::kInterrupted;
  }
  Catalog catalog = Catalog::open(arguments.catalog, Catalog::Mode::kReadWrite);
  keep(catalog, result);
  catalog.commit();
  // The commit changed the catalogue's state, though none of its items.
  refresh_search_index(catalog);
  print_failures(kName, result.failures, "--json lists all");
  report(result);
  return result.failures.empty() ? ExitCode::kDone : ExitCode::kSomeFailed;
}

ExitCode fit_and_keep_categories(const Arguments& arguments) {
  return fit_and_keep(
      arguments, fit_category_prediction,
      [](Catalog& catalog, const CatalogCategoryFit& result) {
        store_category_fusion(catalog, result.report.fusion);
      },
      [&](const CatalogCategoryFit& result) {
        std::cout << (arguments.json ? category_fit_json(result) : category_fit_text(result));
      });
}

ExitCode fit_and_keep_scores(const Arguments& arguments) {
  return fit_and_keep(
      arguments, fit_score_meaning,
      [](Catalog& catalog, const CatalogScoreFit& result) {
        store_score_calibration(catalog, result.calibration);
        store_product_score_calibration(catalog, result.products.calibration);
      },
      [&](const CatalogScoreFit& result) {
        std::cout << (arguments.json ? score_fit_json(result) : score_fit_text(result));
      });
}

ExitCode reembed_items(const Arguments& arguments) {
  return reembed(kName, arguments.catalog,
                 {.model = arguments.model,
                  .precision = arguments.precision,
                  .num_threads = arguments.threads,
                  .json = arguments.json});
}

ExitCode switch_to_other(const Arguments& arguments) {
  return switch_models(arguments.catalog, arguments.anyway, arguments.json);
}

using Command = ExitCode (*)(const Arguments&);

// Of a name; null if there is none.
Command command_named(const std::string& name) {
  static const std::map<std::string, Command> commands = {{"info", info},
                                                          {"verify", verify},
                                                          {"backup", back_up},
                                                          {"export", export_items},
                                                          {"optimize", optimize},
                                                          {"compact", compact},
                                                          {"fit-categories", fit_and_keep_categories},
                                                          {"fit-scores", fit_and_keep_scores},
                                                          {"reembed", reembed_items},
                                                          {"switch", switch_to_other}};
  const auto found = commands.find(name);
  return found == commands.end() ? nullptr : found->second;
}

constexpr const char* kCommands =
    "info, verify, backup, export, optimize, compact, fit-categories, fit-scores, reembed and switch";

Command read_words(Arguments& arguments, const std::vector<std::string>& words) {
  if (words.size() < 2) throw UsageError(std::string("give a catalogue and one of ") + kCommands);
  const Command command = command_named(words[1]);
  if (command == nullptr) throw UsageError("'" + words[1] + "' is none of " + kCommands);
  const bool needs_destination = command == back_up || command == export_items;
  if (needs_destination && words.size() < 3) throw UsageError(words[1] + " needs the folder to make");
  const std::size_t num_expected = needs_destination ? 3 : 2;
  if (words.size() > num_expected) throw UsageError("'" + words[num_expected] + "' is too much");
  arguments.catalog = words[0];
  if (needs_destination) arguments.destination = words[2];
  return command;
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    const Command command = read_words(arguments, words);
    return command(arguments);
  });
}

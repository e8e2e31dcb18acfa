// SPDX-License-Identifier: MIT
// Learns from clicks what makes a hit worth showing, and keeps it in the catalogue.
#include <filesystem>
#include <iostream>
#include <optional>
#include <string>
#include <vector>

#include "common/command_line.h"
#include "common/failure_list.h"
#include "common/interruption.h"
#include "common/memory_settings.h"
#include "common/model_loading.h"
#include "common/model_location.h"
#include "common/output_file.h"
#include "common/ranker_report.h"
#include "common/stage_bars.h"
#include "common/terminal.h"
#include "common/tool_main.h"
#include "vitrine/catalog_ranker.h"
#include "vitrine/engine.h"
#include "vitrine/search_index.h"
#include "vitrine/train_ranker.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-train-ranker";

struct Arguments {
  std::string catalog;
  std::vector<std::filesystem::path> logs;
  std::string root;
  std::string report;
  std::string target = "auto";
  std::string precision = "auto";
  bool dry_run = false;
  bool json = false;
  bool quiet = false;
  TrainRankerOptions options;
};

CommandLine command_line(Arguments& arguments) {
  TrainRankerOptions& options = arguments.options;
  CommandLine line({kName, "learns from clicks which hits to show first", "SHOP CLICKS... [options]",
                    R"(CLICKS is CSV with the columns session,time,query,item,position,clicked, or
JSONL with one page view a line. From how alike an item and the photo are and
from the numeric columns of the catalogue (sales, rating, price, ...), trees
learn which items users click, or buy if CLICKS has a column bought, when they
look at them. The result is kept in the catalogue, for vitrine-query --ranker
(docs/ranking.md).

Examples:
  vitrine-train-ranker shop.vitrine clicks.csv
  vitrine-train-ranker shop.vitrine clicks.jsonl --column sales --column price
  vitrine-query shop.vitrine photo.jpg --ranker --explain

Exit status: 0 done, 2 usage, or clicks that teach nothing, 3 unreadable or
damaged input, 5 done but some lines or photos failed, 130 interrupted;
nothing is kept then.
)"});
  line.group("What to learn from");
  line.texts("column", "NAME", options.columns, "a numeric column; default: all of them");
  line.text("root", "FOLDER", arguments.root, "where relative photos start; default: the log's folder");
  line.number("views", "N", options.max_views, {.minimum = 1}, "the last N page views count");
  line.real("held-back", "X", options.held_back_share, 0.01, 0.9, "share of the sessions that only judge");
  line.choice("target", {"auto", "click", "purchase"}, arguments.target,
              "what to predict; auto: purchases if CLICKS tell of them");
  line.group("How");
  line.number("trees", "N", options.max_trees, {.minimum = 1, .maximum = 10'000}, "most trees");
  line.number("depth", "N", options.max_depth, {.minimum = 1, .maximum = 16}, "questions from root to leaf");
  line.real("learning-rate", "X", options.learning_rate, 0.001, 1, "how much of its opinion a tree adds");
  line.number("patience", "N", options.patience, {.minimum = 1}, "trees to wait for an improvement");
  line.number("seed", "N", options.seed, {}, "equal seeds give equal rankers");
  line.number("threads,t", "N", options.num_threads, {.maximum = 1024},
              "threads that look at photos; default: one per core");
  line.choice("precision", {std::begin(kPrecisionNames), std::end(kPrecisionNames)}, arguments.precision,
              "arithmetic of the network");
  line.group("Reports");
  line.flag("dry-run,n", arguments.dry_run, "report, but keep nothing");
  line.text("report", "FILE", arguments.report, "also write the report to FILE as JSON");
  line.flag("json", arguments.json, "print the report as JSON");
  line.flag("quiet,q", arguments.quiet, "no progress");
  return line;
}

TrainedRanker train(const Arguments& arguments) {
  const Engine engine = Engine::open(arguments.catalog, engine_options(arguments.precision));
  TrainRankerOptions options = arguments.options;
  options.root = arguments.root;
  if (arguments.target != "auto")
    options.target = arguments.target == "click" ? RankerTarget::kClick : RankerTarget::kPurchase;
  options.should_stop = interruption_requested;
  StageBars bars(arguments.quiet);
  options.on_progress = [&](const RankerProgress& progress) {
    bars.show(std::string(progress.stage), {.num_total = progress.num_total, .num_done = progress.num_done});
  };
  return train_ranker(*engine.catalog(), engine.embedder(), arguments.logs, options);
}

void keep(const std::string& path, const QualityRanker& ranker) {
  Catalog catalog = Catalog::open(path, Catalog::Mode::kReadWrite);
  store_quality_ranker(catalog, ranker);
  catalog.commit();
  // The commit changed the catalogue's state, though none of its items.
  refresh_search_index(catalog);
}

ExitCode run(const Arguments& arguments) {
  std::optional<TrainedRanker> trained;
  try {
    trained = train(arguments);
  } catch (const Error& error) {
    if (!interruption_requested()) throw;
    complain(kName, error.what());
    return ExitCode::kInterrupted;
  }
  if (!arguments.dry_run) keep(arguments.catalog, trained->ranker);
  if (!arguments.report.empty()) {
    OutputFile file(arguments.report);
    file.stream() << ranker_report_json(*trained);
    file.close();
  }
  print_failures(kName, trained->report.failures, "--json lists all");
  std::cout << (arguments.json ? ranker_report_json(*trained)
                               : ranker_report_text(*trained, Style::for_stream(stdout)));
  return trained->report.failures.empty() ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  reuse_picture_memory();
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    if (words.size() < 2) throw UsageError("give a catalogue and at least one click log");
    arguments.catalog = words.front();
    arguments.logs.assign(words.begin() + 1, words.end());
    catch_interruptions();
    return run(arguments);
  });
}

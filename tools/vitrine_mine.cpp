// SPDX-License-Identifier: MIT
// Turns click logs into triplets for training.
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "common/command_line.h"
#include "common/drop_reasons.h"
#include "common/failure_list.h"
#include "common/interruption.h"
#include "common/memory_settings.h"
#include "common/mining_page.h"
#include "common/mining_summary.h"
#include "common/model_loading.h"
#include "common/model_location.h"
#include "common/output_file.h"
#include "common/stage_bars.h"
#include "common/terminal.h"
#include "common/tool_main.h"
#include "vitrine/clicks.h"
#include "vitrine/engine.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-mine";

struct Arguments {
  std::vector<std::filesystem::path> logs;
  std::string catalog;
  std::string output;
  std::string second_model;
  std::string root;
  std::string report;
  std::string dropped;
  std::string precision = "auto";
  bool json = false;
  bool quiet = false;
  MiningOptions options;
};

CommandLine command_line(Arguments& arguments) {
  MiningOptions& options = arguments.options;
  CommandLine line({kName, "turns click logs into triplets for training",
                    "CLICKS... --catalog SHOP -o FILE [options]",
                    R"(CLICKS is CSV with the columns session,time,query,item,position,clicked, or
JSONL with one page view a line. Clicks on other products and passed-over items
of the same product are filtered out by distances; docs/mining.md says how.

Examples:
  vitrine-mine clicks.csv --catalog shop.vitrine -o triplets.jsonl
  vitrine-mine clicks.csv --catalog shop.vitrine -o triplets.jsonl \
      --second-model backbone.safetensors --report mine.html

Exit status: 0 done, 1 no triplet found, 2 usage, 3 unreadable or damaged
input, 5 done but some lines were malformed, 130 interrupted.
)"});
  line.group("Files");
  line.text("catalog", "SHOP", arguments.catalog, "the catalogue whose items the logs name");
  line.text("output,o", "FILE", arguments.output, "the triplets to write (JSONL)");
  line.text("root", "FOLDER", arguments.root, "where relative photos start; default: the log's folder");
  line.text("second-model", "FILE", arguments.second_model, "a second opinion on distances");
  line.choice("precision", {std::begin(kPrecisionNames), std::end(kPrecisionNames)}, arguments.precision,
              "arithmetic of the networks");
  line.group("Filter");
  line.real("epsilon", "X", options.epsilon, -1000, 1000,
            "drop clicks farther than this from the photo; default: chosen from the data");
  line.real("gamma", "X", options.gamma, -1000, 1000,
            "drop non-clicks nearer than this; default: chosen from the data");
  line.real("positive-purity", "X", options.positive_purity, 0.001, 0.999999,
            "expected share of right clicks that epsilon is chosen for");
  line.real("negative-purity", "X", options.negative_purity, 0.001, 0.999999,
            "expected share of right non-clicks that gamma is chosen for");
  line.number("below-last-click", "N", options.examined_below_last_click, {.maximum = 10'000},
              "items below the last click that count as looked at");
  line.real("max-weight", "X", options.max_weight, 1, 1e6, "largest weight of a click where few look");
  line.group("Work");
  line.number("sample", "N", options.sample_views, {.minimum = 1, .maximum = 10'000'000},
              "page views that everything is calibrated on");
  line.number("seed", "N", options.seed, {}, "seed of the sample");
  line.number("threads,t", "N", options.num_threads, {.maximum = 1024},
              "worker threads; default: one per core");
  line.group("Reports");
  line.text("report", "FILE", arguments.report, "write a page with figures and histograms");
  line.text("dropped", "FILE", arguments.dropped, "write everything dropped, and why (JSONL)");
  line.flag("json", arguments.json, "print the summary as JSON");
  line.flag("quiet,q", arguments.quiet, "no progress");
  return line;
}

MiningReport mine(const Arguments& arguments, std::vector<IngestFailure>& malformed) {
  const Engine engine = Engine::open(arguments.catalog, engine_options(arguments.precision));
  MiningOptions options = arguments.options;
  std::shared_ptr<const Embedder> second;
  if (!arguments.second_model.empty()) {
    second = load_model(arguments.second_model, precision_of(arguments.precision));
    options.second_embedder = second.get();
  }
  options.root = arguments.root;
  TripletWriter triplets(arguments.output);
  std::optional<OutputFile> dropped;
  if (!arguments.dropped.empty()) dropped.emplace(arguments.dropped);
  StageBars bars(arguments.quiet);
  constexpr std::size_t kListedLines = 1000;  // only the first few are shown
  const MiningReport report =
      mine_triplets(*engine.catalog(), engine.embedder(), arguments.logs, options,
                    {.on_triplet = [&](const Triplet& triplet) { triplets.write(triplet); },
                     .on_dropped =
                         [&](const Dropped& one) {
                           if (dropped) dropped->stream() << dropped_json_line(one);
                           if (one.reason == DropReason::kMalformedLine && malformed.size() < kListedLines)
                             malformed.push_back({one.place, one.detail});
                         },
                     .on_progress =
                         [&](const MiningProgress& progress) {
                           bars.show(std::string(progress.stage) + ", page views",
                                     {.num_total = progress.num_total, .num_done = progress.num_done});
                         },
                     .should_stop = interruption_requested});
  if (report.interrupted) return report;
  if (report.num_triplets > 0) triplets.close();  // an empty file would only surprise the trainer
  if (dropped) dropped->close();
  if (!arguments.report.empty()) write_mining_page(arguments.report, report);
  return report;
}

ExitCode run(const Arguments& arguments) {
  std::vector<IngestFailure> malformed;
  const MiningReport report = mine(arguments, malformed);
  if (report.interrupted) {
    complain(kName, "interrupted; no triplets were written, run the same command again");
    return ExitCode::kInterrupted;
  }
  print_failures(kName, malformed,
                 arguments.dropped.empty() ? "--dropped FILE lists all" : "all are in " + arguments.dropped);
  std::cout << (arguments.json ? mining_json(report) : mining_text(report, Style::for_stream(stdout)));
  if (report.num_triplets == 0) {
    complain(kName, report.num_clicks == 0 ? "the log has no click, so there is nothing to learn from"
                                           : "no triplet could be made; the counts above say why");
    return ExitCode::kNothingFound;
  }
  return malformed.empty() ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  reuse_picture_memory();
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    if (words.empty()) throw UsageError("no click log given");
    if (arguments.catalog.empty()) throw UsageError("--catalog is missing: name the catalogue");
    if (arguments.output.empty()) throw UsageError("--output is missing: name the triplets to write");
    arguments.logs.assign(words.begin(), words.end());
    catch_interruptions();
    return run(arguments);
  });
}

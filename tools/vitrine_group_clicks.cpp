// SPDX-License-Identifier: MIT
// Labels from clicks: groups of pictures that users' clicks say show the same product.
#include <filesystem>
#include <iostream>
#include <optional>

#include "base/temporary_file.h"
#include "common/command_line.h"
#include "common/drop_reasons.h"
#include "common/failure_list.h"
#include "common/grouping_page.h"
#include "common/grouping_summary.h"
#include "common/interruption.h"
#include "common/memory_settings.h"
#include "common/output_file.h"
#include "common/stage_bars.h"
#include "common/terminal.h"
#include "common/tool_main.h"
#include "vitrine/catalog.h"
#include "vitrine/click_groups.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-group-clicks";

struct Arguments {
  std::vector<std::filesystem::path> logs;
  std::string catalog;
  std::string output;
  std::string root;
  std::string report;
  std::string dropped;
  bool json = false;
  bool quiet = false;
  GroupingOptions options;
};

CommandLine command_line(Arguments& arguments) {
  GroupingOptions& options = arguments.options;
  CommandLine line({kName, "finds pictures of the same product by what was clicked",
                    "CLICKS... --catalog SHOP -o LIST [options]",
                    R"(CLICKS is CSV with the columns session,time,query,item,position,clicked, or
JSONL with one page view a line. LIST is what vitrine-train learns from: each
picture with the name of its group as product. No picture is looked at, so
this takes seconds; docs/mining.md says how groups are found.

Examples:
  vitrine-group-clicks clicks.csv --catalog shop.vitrine -o list.csv \
      --report groups.html
  vitrine-train list.csv --init backbone.safetensors -o mine.safetensors

Exit status: 0 done, 1 no group found, 2 usage, 3 unreadable or damaged
input, 5 done but some lines were malformed, 130 interrupted.
)"});
  line.group("Files");
  line.text("catalog", "SHOP", arguments.catalog, "the catalogue whose items the logs name");
  line.text("output,o", "LIST", arguments.output, "the list to write (CSV)");
  line.text("root", "FOLDER", arguments.root, "where relative photos start; default: the log's folder");
  line.group("Groups");
  line.real("pass-weight", "X", options.pass_weight, 0, 1e6,
            "how strongly a pass pushes apart, a click pulling with 1; default: chosen from the log");
  line.real("resolution", "X", options.resolution, 1e-3, 1e6, "higher: more and smaller groups");
  line.number("below-last-click", "N", options.examined_below_last_click, {.maximum = 10'000},
              "items below the last click that count as looked at");
  line.real("validation-share", "X", options.validation_share, 0, 0.9,
            "share of the photos that the list gives to validation");
  line.number("max-pairs", "N", options.max_pairs, {.minimum = 1},
              "pairs of photo and product kept in memory, 40 bytes each");
  line.number("seed", "N", options.seed, {}, "equal seeds give equal groups");
  line.group("Reports");
  line.text("report", "FILE", arguments.report, "write a page with figures and pictures of groups");
  line.text("dropped", "FILE", arguments.dropped, "write everything dropped, and why (JSONL)");
  line.flag("json", arguments.json, "print the summary as JSON");
  line.flag("quiet,q", arguments.quiet, "no progress");
  return line;
}

ClickGroups group(const Arguments& arguments, std::vector<IngestFailure>& malformed) {
  const Catalog catalog = Catalog::open(arguments.catalog);
  GroupingOptions options = arguments.options;
  options.root = arguments.root;
  base::TemporaryFile list(arguments.output);  // before the work: a folder that is not there is told at once
  std::optional<OutputFile> dropped;
  if (!arguments.dropped.empty()) dropped.emplace(arguments.dropped);
  StageBars bars(arguments.quiet);
  constexpr std::size_t kListedLines = 1000;  // only the first few are shown
  ClickGroups groups = group_pictures(
      catalog, arguments.logs, options,
      {.on_dropped =
           [&](const Dropped& one) {
             if (dropped) dropped->stream() << dropped_json_line(one);
             if (one.reason == DropReason::kMalformedLine && malformed.size() < kListedLines)
               malformed.push_back({one.place, one.detail});
           },
       .on_progress =
           [&](const MiningProgress& progress) {
             bars.show(progress.stage == "reading" ? "page views read" : "weights of a pass tried",
                       {.num_total = progress.num_total, .num_done = progress.num_done});
           },
       .should_stop = interruption_requested});
  if (groups.report.interrupted) return groups;
  if (!groups.groups.empty()) {  // an empty list would only surprise the trainer
    list.write(grouping_csv(groups));
    list.commit();
  }
  if (dropped) dropped->close();
  if (!arguments.report.empty()) write_grouping_page(arguments.report, groups);
  return groups;
}

ExitCode run(const Arguments& arguments) {
  std::vector<IngestFailure> malformed;
  const ClickGroups groups = group(arguments, malformed);
  if (groups.report.interrupted) {
    complain(kName, "interrupted; no list was written, run the same command again");
    return ExitCode::kInterrupted;
  }
  print_failures(kName, malformed,
                 arguments.dropped.empty() ? "--dropped FILE lists all" : "all are in " + arguments.dropped);
  std::cout << (arguments.json ? grouping_json(groups) : grouping_text(groups, Style::for_stream(stdout)));
  if (groups.groups.empty()) {
    complain(kName, groups.report.num_clicked == 0
                        ? "the log has no click on an item of the catalogue, so there is nothing to group"
                        : "no two pictures belong together; the counts above say why");
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
    if (arguments.output.empty()) throw UsageError("--output is missing: name the list to write");
    arguments.logs.assign(words.begin(), words.end());
    catch_interruptions();
    return run(arguments);
  });
}

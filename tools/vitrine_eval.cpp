// SPDX-License-Identifier: MIT
// Measures how well a catalogue answers photos whose product is known.
#include <cstdio>
#include <filesystem>
#include <iostream>

#include "common/command_line.h"
#include "common/evaluation_page.h"
#include "common/evaluation_report.h"
#include "common/failure_list.h"
#include "common/interruption.h"
#include "common/memory_settings.h"
#include "common/model_loading.h"
#include "common/model_location.h"
#include "common/query_file.h"
#include "common/terminal.h"
#include "common/tool_main.h"
#include "vitrine/engine.h"
#include "vitrine/evaluate.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-eval";

struct Arguments {
  std::string catalog;
  std::string queries;
  std::string root;
  std::string errors;
  std::string other;
  std::string page;
  std::string precision = "auto";
  std::uint64_t seed = 1;
  double target_recall = EvaluationOptions().target_recall;
  std::size_t limit = 0;
  unsigned threads = 0;
  bool json = false;
};

CommandLine command_line(Arguments& arguments) {
  CommandLine line({kName, "measures how well a catalogue answers labelled photos",
                    "SHOP QUERIES.csv [options]",
                    R"(QUERIES.csv names a photo and its product on each line, under a first line
"path,product"; the columns category and x0,y0,x1,y1 (a box in pixels) are
optional. Recall @k is the share of photos whose product is among the first k
hits, mAP the mean average precision: with exact cosine similarity ("float"),
with the binary codes alone ("code"), and as vitrine-query searches ("code +
re-rank"). Equal seeds give equal intervals.

--compare evaluates a second catalogue, of another model say, with the same
photos and tells which figures really differ.

Examples:
  vitrine-eval shop.vitrine queries.csv
  vitrine-eval shop.vitrine queries.csv --root photos/ --limit 500 --json
  vitrine-eval shop.vitrine queries.csv --compare new.vitrine --html eval.html

Exit status: 0 done, 1 no photo could be evaluated, 2 usage, 3 unreadable or
damaged input, 4 some photos were skipped, 130 interrupted (the figures cover
the photos done).
)"});
  line.text("root", "FOLDER", arguments.root,
            "where relative paths start; default: the folder of QUERIES.csv");
  line.real("recall", "X", arguments.target_recall, 0.9, 1,
            "share of the nearest codes that the search shall find; see vitrine-query --exact");
  line.number("limit", "N", arguments.limit, {}, "only the first N photos; default: all");
  line.number("seed", "N", arguments.seed, {}, "seed of the confidence intervals");
  line.number("threads,t", "N", arguments.threads, {.maximum = 1024},
              "worker threads; default: one per core");
  line.choice("precision", {std::begin(kPrecisionNames), std::end(kPrecisionNames)}, arguments.precision,
              "arithmetic of the network");
  line.text("compare", "SHOP", arguments.other, "another catalogue of the same products to compare with");
  line.text("html", "FILE", arguments.page, "also write a page with curves and the worst answers to FILE");
  line.text("errors", "FILE", arguments.errors, "write every skipped photo and the reason to FILE");
  line.flag("json", arguments.json, "print the figures as JSON");
  return line;
}

EvaluationOptions options_of(const Arguments& arguments) {
  return {.target_recall = arguments.target_recall,
          .seed = arguments.seed,
          .num_threads = arguments.threads,
          .should_stop = interruption_requested};
}

EvaluationReport evaluate_catalog(const std::string& catalog, const std::vector<EvaluationQuery>& queries,
                                  const Arguments& arguments) {
  return evaluate(Engine::open(catalog, engine_options(arguments.precision)), queries, options_of(arguments));
}

ExitCode run(const Arguments& arguments) {
  const std::filesystem::path file = arguments.queries;
  QueryFile labelled = read_query_file(
      file, arguments.root.empty() ? file.parent_path() : std::filesystem::path(arguments.root));
  if (arguments.limit > 0 && labelled.queries.size() > arguments.limit) {
    labelled.queries.resize(arguments.limit);
  }
  EvaluationReport report = evaluate_catalog(arguments.catalog, labelled.queries, arguments);
  report.skipped.insert(report.skipped.begin(), labelled.bad_lines.begin(), labelled.bad_lines.end());
  std::optional<EvaluationReport> other;
  std::optional<Comparison> comparison;
  if (!arguments.other.empty() && !report.interrupted) {
    other = evaluate_catalog(arguments.other, labelled.queries, arguments);
    comparison = compare(report, *other, options_of(arguments));
    report.interrupted = other->interrupted;
  }
  if (!arguments.errors.empty()) {
    write_failures(arguments.errors, report.skipped);
  }
  print_failures(kName, report.skipped,
                 arguments.errors.empty() ? "--errors FILE lists all" : "all are in " + arguments.errors);
  const Style style = Style::for_stream(stdout);
  if (arguments.json) {
    std::cout << evaluation_json(report, other ? &*other : nullptr, comparison ? &*comparison : nullptr);
  } else {
    std::cout << evaluation_text(report, style);
    if (comparison) std::cout << comparison_text(*comparison, arguments.catalog, arguments.other, style);
  }
  if (!arguments.page.empty()) {
    write_evaluation_page(arguments.page, report, arguments.catalog, comparison ? &*comparison : nullptr,
                          arguments.other);
  }
  if (report.interrupted) {
    return ExitCode::kInterrupted;
  }
  if (report.num_evaluated == 0) {
    complain(kName, "no photo could be evaluated");
    return ExitCode::kNothingFound;
  }
  return report.skipped.empty() ? ExitCode::kDone : ExitCode::kPartial;
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  reuse_picture_memory();
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    if (words.size() != 2) throw UsageError("give a catalogue and a list of queries");
    arguments.catalog = words[0];
    arguments.queries = words[1];
    catch_interruptions();
    return run(arguments);
  });
}

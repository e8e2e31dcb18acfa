// SPDX-License-Identifier: MIT
// Finds the pictures that a catalogue holds twice, or nearly so.
#include <iostream>
#include <optional>
#include <string>

#include "common/command_line.h"
#include "common/duplicates_report.h"
#include "common/interruption.h"
#include "common/progress_bar.h"
#include "common/terminal.h"
#include "common/tool_main.h"
#include "vitrine/catalog.h"
#include "vitrine/duplicates.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-dedup";

struct Arguments {
  std::string catalog;
  DuplicateOptions options;
  double min_correlation = *DuplicateOptions().min_correlation;
  bool no_pictures = false;
  std::string format = "table";
  std::string page;
  bool across_products = false;
  bool null_ends = false;
  bool quiet = false;
};

CommandLine command_line(Arguments& arguments) {
  DuplicateOptions& options = arguments.options;
  CommandLine line({kName, "finds pictures that a catalogue holds twice, or nearly so", "SHOP [options]",
                    R"(Each group's first picture is the one to keep: the one with most of --prefer,
then the largest, then the oldest. Nothing is changed or deleted.

Examples:
  vitrine-dedup shop.vitrine --html duplicates.html
  vitrine-dedup shop.vitrine --across-products --prefer sales
  vitrine-dedup shop.vitrine --min-correlation 1 --format paths -0 |
      xargs -0 rm

Exit status: 0 duplicates found, 1 none, 2 usage, 3 unreadable catalogue or
output that cannot be written, 130 interrupted.
)"});
  line.group("What counts as a duplicate");
  line.real("min-correlation", "X", arguments.min_correlation, -1, 1,
            "pictures at least so alike when laid over each other");
  line.flag("no-pictures", arguments.no_pictures,
            "believe codes and features alone; then --min-cosine 0.995 --max-bits 0.14 are a good start");
  line.real("min-cosine", "X", options.min_cosine, -1, 1, "features at least so alike");
  line.real("max-bits", "SHARE", options.max_bit_share, 0, 0.5,
            "codes that differ in at most this share of bits");
  line.flag("across-products", arguments.across_products, "only groups of two products and more");
  line.text("prefer", "COLUMN", options.prefer, "quality column that decides which picture to keep");
  line.group("Output");
  line.choice("format", {"table", "json", "paths"}, arguments.format,
              "paths: of the pictures not to keep, one a line");
  line.flag("null,0", arguments.null_ends, "end paths with a zero byte");
  line.text("html", "FILE", arguments.page, "write a page with the groups' pictures");
  line.group("Work");
  line.real("target-recall", "R", options.target_recall, 0.9, 1, "share of the duplicates to find");
  line.number("threads,t", "N", options.num_threads, {.maximum = 1024}, "default: one per core");
  line.flag("quiet,q", arguments.quiet, "no progress");
  return line;
}

bool is_across_products(const DuplicateGroup& group) {
  for (const DuplicatePicture& picture : group) {
    if (picture.item.key.product != group.front().item.key.product) return true;
  }
  return false;
}

/// Prints groups as they are found.
class Output {
 public:
  Output(const Arguments& arguments, const Catalog& catalog) : arguments_(arguments) {
    if (!arguments.page.empty()) {
      page_.emplace(arguments.page, arguments.catalog, catalog.stats().num_items);
    }
  }

  void add(const DuplicateGroup& group) {
    if (arguments_.across_products && !is_across_products(group)) return;
    ++num_groups_;
    num_redundant_ += group.size() - 1;
    if (arguments_.format == "json") {
      std::cout << duplicates_json(group, num_groups_);
    } else if (arguments_.format == "paths") {
      for (std::size_t i = 1; i < group.size(); ++i) {
        std::cout << group[i].item.path << (arguments_.null_ends ? '\0' : '\n');
      }
    } else {
      std::cout << duplicates_text(group, num_groups_, style_);
    }
    if (page_) page_->add(group, num_groups_);
  }

  ExitCode finish() {
    if (page_) page_->close();
    complain(kName, num_groups_ == 0
                        ? "no duplicates"
                        : std::to_string(num_groups_) + " groups, " + std::to_string(num_redundant_) +
                              " pictures beside the ones to keep");
    return num_groups_ == 0 ? ExitCode::kNothingFound : ExitCode::kDone;
  }

 private:
  const Arguments& arguments_;
  Style style_ = Style::for_stream(stdout);
  std::optional<DuplicatesPage> page_;
  std::size_t num_groups_ = 0;
  std::size_t num_redundant_ = 0;
};

ExitCode run(const Arguments& arguments) {
  const Catalog catalog = Catalog::open(arguments.catalog);
  Output output(arguments, catalog);
  DuplicateOptions options = arguments.options;
  if (arguments.no_pictures) {
    options.min_correlation.reset();
  } else {
    options.min_correlation = arguments.min_correlation;
  }
  DuplicateReport report;
  {
    // On a terminal the groups themselves show that something happens, and a bar would run into them.
    const bool silent = arguments.quiet || is_terminal(stdout);
    ProgressBar bar(silent ? ProgressBar::Mode::kSilent : ProgressBar::mode_for_stderr());
    options.on_progress = [&](std::size_t done, std::size_t total) {
      bar.show({.num_total = total, .num_done = done});
      return !interruption_requested();
    };
    report = find_duplicates(catalog, options, [&](const DuplicateGroup& group) { output.add(group); });
  }
  if (report.interrupted) {
    complain(kName, "interrupted; the groups above are not all there are");
    return ExitCode::kInterrupted;
  }
  if (report.num_unreadable > 0) {
    complain(kName, std::to_string(report.num_unreadable) +
                        " pictures could not be looked at; they count as duplicates of equal files only");
  }
  return output.finish();
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    if (words.size() != 1) throw UsageError("give one catalogue");
    if (arguments.null_ends && arguments.format != "paths") throw UsageError("-0 goes with --format paths");
    arguments.catalog = words[0];
    catch_interruptions();
    return run(arguments);
  });
}

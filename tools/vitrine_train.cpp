// SPDX-License-Identifier: MIT
// Trains an embedding model from a list of labelled pictures, or from triplets of clicks.
#include <iostream>
#include <memory>

#include "common/command_line.h"
#include "common/failure_list.h"
#include "common/interruption.h"
#include "common/memory_settings.h"
#include "common/progress_bar.h"
#include "common/tool_main.h"
#include "common/training_options.h"
#include "common/training_page.h"
#include "common/training_summary.h"
#include "vitrine/catalog.h"
#include "vitrine/ingest.h"
#include "vitrine/training.h"
#include "vitrine/triplet_set.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-train";

struct Arguments {
  std::vector<std::string> lists;
  std::string init;
  std::string output;
  std::string checkpoint;
  std::string triplets;
  std::string catalog;
  std::string boxes;
  std::string page;
  TrainingArguments training;
  bool json = false;
  bool quiet = false;
};

CommandLine command_line(Arguments& arguments) {
  TrainingOptions& options = arguments.training.options;
  CommandLine line({kName, "trains a model from labelled pictures or from clicks",
                    "LIST... --init FILE -o FILE [options]",
                    R"(A LIST is a manifest (.csv or .jsonl) with the columns path, product, category
and, optionally, split (train or val) and role (photo or shop); see
docs/training.md. After each epoch the state goes to the checkpoint, so that
--resume continues an interrupted run with the same result.

With --triplets (from vitrine-mine) and --catalog the model learns from them
alone; lists, if any, are then only for judging it after each epoch.

Examples:
  vitrine-train list.csv --init backbone.safetensors -o mine.safetensors
  vitrine-train list.csv --init mine.safetensors -o better.safetensors --epochs 5
  vitrine-train list.csv --init backbone.safetensors -o mine.safetensors --resume
  vitrine-train --triplets triplets.jsonl --catalog shop.vitrine \
      --init backbone.safetensors -o mine.safetensors --html training.html

Exit status: 0 done, 2 usage, 3 unreadable or damaged input, 5 done but some
pictures failed, 130 interrupted; --resume goes on.
)"});
  line.group("Files");
  line.text("init", "FILE", arguments.init, "pretrained backbone or model to start from");
  line.text("output,o", "FILE", arguments.output, "the model to write");
  line.text("triplets", "FILE", arguments.triplets, "learn from these triplets instead of labels");
  line.text("catalog", "SHOP", arguments.catalog, "the catalogue whose items the triplets name");
  line.text("boxes", "LIST", arguments.boxes,
            "manifest with drawn boxes (x0, y0, x1, y1), to judge detection by after each epoch");
  line.text("name", "NAME", options.name, "name stored in the model");
  line.text("checkpoint", "FILE", arguments.checkpoint,
            "state after each epoch; default: the output with .checkpoint");
  line.flag("resume", options.resume, "go on from the checkpoint if there is one");
  add_training_options(line, arguments.training);
  line.group("Reports");
  line.text("html", "FILE", arguments.page, "write the run as a page to look at, after every epoch");
  line.flag("json", arguments.json, "print the figures as JSON");
  line.flag("quiet,q", arguments.quiet, "no progress");
  return line;
}

IngestSource read_lists(const std::vector<std::string>& lists) {
  IngestSource all;
  for (const std::string& list : lists) {
    IngestSource source = read_manifest(list);
    std::move(source.entries.begin(), source.entries.end(), std::back_inserter(all.entries));
    std::move(source.failures.begin(), source.failures.end(), std::back_inserter(all.failures));
  }
  return all;
}

void complain_about(const TripletSet& set, const std::string& file) {
  const auto count = [&](std::uint64_t number, const std::string& what) {
    if (number > 0) complain(kName, file + ": " + std::to_string(number) + " " + what);
  };
  count(set.num_not_drawn, "triplets beyond --max-triplets are left out");
  count(set.num_unknown_items, "mentions of items that the catalogue does not have");
  count(set.num_same_product, "negatives of the clicked product are left out");
  count(set.num_unusable, "triplets are left out: the clicked item is unknown or no negative is left");
}

void set_boxes(const Arguments& arguments, std::vector<TrainingPicture>& pictures) {
  if (arguments.boxes.empty()) return;
  const std::vector<IngestEntry> entries = read_manifest(arguments.boxes).entries;
  const std::size_t num_set = set_true_boxes(entries, pictures);
  if (num_set < entries.size()) {
    complain(kName, arguments.boxes + ": " + std::to_string(entries.size() - num_set) + " of " +
                        std::to_string(entries.size()) + " boxes are of pictures that this run does not use");
  }
}

TrainingReport train_as_told(const Arguments& arguments, std::vector<TrainingPicture> listed,
                             const TrainingCallbacks& callbacks) {
  const TrainingOptions& options = arguments.training.options;
  if (arguments.triplets.empty()) {
    set_boxes(arguments, listed);
    return train(listed, options, callbacks);
  }
  TripletSet set;
  {
    const Catalog catalog = Catalog::open(arguments.catalog);
    set = read_triplet_set(arguments.triplets, catalog, arguments.training.triplet_set);
  }
  complain_about(set, arguments.triplets);
  add_labelled(set, std::move(listed));
  set_boxes(arguments, set.pictures);
  return train(set, options, callbacks);
}

// After every epoch, so that a long run can be watched and one that fails leaves its curves.
void write_page_so_far(const Arguments& arguments, const TrainingReport& so_far, const std::string& state) {
  if (arguments.page.empty() || so_far.epochs.empty()) return;
  const TrainingOptions& options = arguments.training.options;
  write_training_page(arguments.page, so_far, options,
                      state + ": " + std::to_string(so_far.epochs.back().epoch) + " of " +
                          std::to_string(options.epochs) + " epochs.");
}

ExitCode run(Arguments& arguments) {
  read_choices(arguments.training);
  TrainingOptions& options = arguments.training.options;
  options.init = arguments.init;
  options.output = arguments.output;
  options.checkpoint = arguments.checkpoint.empty() ? arguments.output + ".checkpoint" : arguments.checkpoint;
  options.validate();
  IngestSource source = read_lists(arguments.lists);

  std::unique_ptr<ProgressBar> bar;  // one an epoch
  std::uint64_t num_done_before = 0;
  TrainingCallbacks callbacks;
  callbacks.should_stop = interruption_requested;
  callbacks.on_message = [&](const std::string& message) {
    if (!arguments.quiet) complain(kName, message);
  };
  callbacks.on_progress = [&](const TrainingProgress& progress) {
    // A new bar for each thing that is counted: before the first epoch there may be two.
    if (progress.num_done < num_done_before) bar.reset();
    num_done_before = progress.num_done;
    if (!bar)
      bar = std::make_unique<ProgressBar>(arguments.quiet ? ProgressBar::Mode::kSilent
                                                          : ProgressBar::mode_for_stderr());
    bar->show({.num_total = progress.num_total, .num_done = progress.num_done});
  };
  TrainingReport so_far;
  callbacks.on_epoch = [&](const EpochFigures& figures) {
    bar.reset();
    so_far.epochs.push_back(figures);
    write_page_so_far(arguments, so_far, "Under way");
    if (!arguments.json) std::cout << training_table_row(figures) << std::flush;
  };
  if (!arguments.json) std::cout << training_table_head();
  TrainingReport report = train_as_told(arguments, training_pictures(source.entries), callbacks);
  bar.reset();

  report.failures.insert(report.failures.begin(), source.failures.begin(), source.failures.end());
  print_failures(kName, report.failures, "the others are not listed");
  if (report.interrupted) {
    write_page_so_far(arguments, so_far, "Interrupted");
    complain(kName, "interrupted; the same command with --resume goes on after the last whole epoch");
    return ExitCode::kInterrupted;
  }
  if (!arguments.page.empty()) {
    write_training_page(arguments.page, report, options, "Done: " + options.output.string() + " is written.");
  }
  std::cout << (arguments.json ? training_summary_json(report, options)
                               : training_summary_text(report, options));
  return report.failures.empty() ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  reuse_picture_memory();
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    const bool from_clicks = !arguments.triplets.empty();
    if (words.empty() && !from_clicks) throw UsageError("no list of pictures given");
    if (from_clicks != !arguments.catalog.empty())
      throw UsageError("--triplets and --catalog belong together: give both");
    if (arguments.init.empty()) throw UsageError("--init is missing: name the pretrained weights");
    if (arguments.output.empty()) throw UsageError("--output is missing: name the model to write");
    arguments.lists = words;
    catch_interruptions();
    return run(arguments);
  });
}

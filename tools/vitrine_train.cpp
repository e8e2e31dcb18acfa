// SPDX-License-Identifier: MIT
// Trains an embedding model from a list of labelled pictures.
#include <chrono>
#include <cmath>
#include <cstdio>
#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>

#include "common/command_line.h"
#include "common/failure_list.h"
#include "common/interruption.h"
#include "common/memory_settings.h"
#include "common/progress_bar.h"
#include "common/tool_main.h"
#include "common/training_summary.h"
#include "vitrine/ingest.h"
#include "vitrine/training.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-train";

struct Arguments {
  std::vector<std::string> lists;
  std::string init;
  std::string output;
  std::string checkpoint;
  std::string detector = "none";
  TrainingOptions options;
  bool json = false;
  bool quiet = false;
};

CommandLine command_line(Arguments& arguments) {
  TrainingOptions& options = arguments.options;
  CommandLine line({kName, "trains a model from labelled pictures", "LIST... --init FILE -o FILE [options]",
                    R"(A LIST is a manifest (.csv or .jsonl) with the columns path, product, category
and, optionally, split (train or val) and role (photo or shop); see
docs/training.md. After each epoch the state goes to the checkpoint, so that
--resume continues an interrupted run with the same result.

Examples:
  vitrine-train list.csv --init backbone.safetensors -o mine.safetensors
  vitrine-train list.csv --init mine.safetensors -o better.safetensors --epochs 5
  vitrine-train list.csv --init backbone.safetensors -o mine.safetensors --resume

Exit status: 0 done, 2 usage, 3 unreadable or damaged input, 5 done but some
pictures failed, 130 interrupted; --resume goes on.
)"});
  line.group("Files");
  line.text("init", "FILE", arguments.init, "pretrained backbone or model to start from");
  line.text("output,o", "FILE", arguments.output, "the model to write");
  line.text("name", "NAME", options.name, "name stored in the model");
  line.text("checkpoint", "FILE", arguments.checkpoint,
            "state after each epoch; default: the output with .checkpoint");
  line.flag("resume", options.resume, "go on from the checkpoint if there is one");
  line.group("Size");
  line.number("epochs", "N", options.epochs, {.maximum = 10000},
              "passes over the pictures; 0 fits projection and category head only");
  line.number("batch-size", "N", options.batch_size, {.minimum = 2, .maximum = 4096}, "pictures in a step");
  line.number("input", "PX", options.input_px, {.maximum = 10000}, "side of the input while training");
  line.number("inference-input", "PX", options.inference_px, {.maximum = 10000},
              "side of the input in the model; default: as in training");
  line.number("dimensions", "N", options.feature_dim, {.minimum = 64, .maximum = 1280},
              "length of the feature");
  line.number("threads,t", "N", options.num_threads, {.maximum = 1024},
              "worker threads; default: one per core");
  line.group("Detection");
  line.text("detector", "KIND", arguments.detector,
            "none: describe whole pictures; crop: learn to find the product and describe that");
  line.number("detector-input", "PX", options.detector_px, {.maximum = 10000},
              "side of the small picture in which the product is found");
  line.number("detector-steps", "N", options.detector_steps, {.maximum = 1'000'000},
              "batches of composed scenes that teach it; 0 keeps what --init has");
  line.real("detector-learning-rate", "X", options.detector_learning_rate, 1e-9, 1, "its peak step size");
  line.number("detector-frozen-blocks", "N", options.detector_frozen_blocks, {.maximum = 10000},
              "how many of its 15 blocks keep their weights");
  line.real("crop-margin", "X", options.crop_margin, 0, 1,
            "described around the box on each side, as a share of its longer side");
  line.group("Learning");
  line.number("seed", "N", options.seed, {}, "equal seeds give equal models within rounding noise");
  line.real("learning-rate", "X", options.learning_rate, 1e-9, 1, "peak step size");
  line.real("weight-decay", "X", options.weight_decay, 0, 1, "pull of the weights towards zero");
  line.number("frozen-blocks", "N", options.frozen_blocks, {.maximum = 10000},
              "how many of the 19 blocks keep their weights");
  line.number("shop-repeats", "N", options.shop_picture_repeats, {.maximum = 10000},
              "how often an epoch shows each shop picture");
  line.real("margin", "X", options.margin, 0, 1, "cosine margin between products");
  line.real("scale", "X", options.scale, 1, 1000, "sharpness of the softmax over cosines");
  line.real("category-weight", "X", options.category_weight, 0, 1000, "weight of the category loss");
  line.real("retention-weight", "X", options.retention_weight, 0, 1000,
            "weight of staying close to the start");
  line.real("patchwork-share", "X", options.patchwork_share, 0, 4,
            "patchwork pictures for each labelled one");
  line.real("relation-weight", "X", options.relation_weight, 0, 1000, "weight of keeping similarities");
  line.real("whitening", "X", options.whitening, 0, 1, "how far the first projection evens out its axes");
  line.real("initial-share", "X", options.initial_share, 0, 1,
            "share of the initial weights in the final ones");
  line.group("Reports");
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

DetectorKind detector_kind_of(const std::string& name) {
  if (name == "none") return DetectorKind::kNone;
  if (name == "crop") return DetectorKind::kCrop;
  throw UsageError("--detector is '" + name + "', expected none or crop");
}

ExitCode run(Arguments& arguments) {
  TrainingOptions& options = arguments.options;
  options.init = arguments.init;
  options.output = arguments.output;
  options.checkpoint = arguments.checkpoint.empty() ? arguments.output + ".checkpoint" : arguments.checkpoint;
  options.detector = detector_kind_of(arguments.detector);
  options.validate();
  IngestSource source = read_lists(arguments.lists);

  std::unique_ptr<ProgressBar> bar;  // one an epoch
  TrainingCallbacks callbacks;
  callbacks.should_stop = interruption_requested;
  callbacks.on_message = [&](const std::string& message) {
    if (!arguments.quiet) complain(kName, message);
  };
  callbacks.on_progress = [&](const TrainingProgress& progress) {
    if (!bar)
      bar = std::make_unique<ProgressBar>(arguments.quiet ? ProgressBar::Mode::kSilent
                                                          : ProgressBar::mode_for_stderr());
    bar->show({.num_total = progress.num_total, .num_done = progress.num_done});
  };
  callbacks.on_epoch = [&](const EpochFigures& figures) {
    bar.reset();
    if (!arguments.json) std::cout << training_table_row(figures) << std::flush;
  };
  if (!arguments.json) std::cout << training_table_head();
  TrainingReport report = train(training_pictures(source.entries), options, callbacks);
  bar.reset();

  report.failures.insert(report.failures.begin(), source.failures.begin(), source.failures.end());
  print_failures(kName, report.failures, "the others are not listed");
  if (report.interrupted) {
    complain(kName, "interrupted; the same command with --resume goes on after the last whole epoch");
    return ExitCode::kInterrupted;
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
    if (words.empty()) throw UsageError("no list of pictures given");
    if (arguments.init.empty()) throw UsageError("--init is missing: name the pretrained weights");
    if (arguments.output.empty()) throw UsageError("--output is missing: name the model to write");
    arguments.lists = words;
    catch_interruptions();
    return run(arguments);
  });
}

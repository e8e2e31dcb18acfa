// SPDX-License-Identifier: MIT
// Makes a catalogue from a folder or a manifest of pictures, brings an existing one up to date, or keeps it
// so.
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <string>

#include "common/catalog_upkeep.h"
#include "common/change_feed.h"
#include "common/command_line.h"
#include "common/commit_log.h"
#include "common/failure_list.h"
#include "common/folder_follower.h"
#include "common/index_summary.h"
#include "common/index_target.h"
#include "common/interruption.h"
#include "common/memory_settings.h"
#include "common/model_location.h"
#include "common/progress_bar.h"
#include "common/terminal.h"
#include "common/tool_main.h"
#include "vitrine/catalog.h"
#include "vitrine/ingest.h"

namespace vitrine::tools {
namespace {

namespace fs = std::filesystem;

constexpr const char* kName = "vitrine-index";

struct Arguments {
  fs::path source;
  std::string output;
  std::string model;
  std::string precision = "auto";
  std::string products = "file";
  std::string errors;
  std::string apply;
  unsigned threads = 0;
  unsigned max_megapixels = 100;
  std::size_t commit_every = 2000;
  unsigned rescan_seconds = 0;
  bool keep_vanished = false;
  bool watch = false;
  bool json = false;
  bool quiet = false;
};

CommandLine command_line(Arguments& arguments) {
  CommandLine line({kName, "makes or updates a catalogue from a folder of pictures",
                    "FOLDER|MANIFEST [options]\n       vitrine-index --apply CHANGES -o SHOP [options]",
                    R"(The catalogue is a folder. Run again after changes: only new and changed
pictures are read, and pictures that are gone are removed. Ctrl-C stops at a
clean checkpoint; the same command goes on from there.
A manifest is a .csv or .jsonl file with a column "path"; see docs/cli.md.
Every option can be set by an environment variable, --model by VITRINE_MODEL.
CHANGES has a JSON object a line: op (upsert, update, delete), the item's
product and picture, path, version, category, attributes. Older versions than
the last one are ignored, so that changes may come again.

Examples:
  vitrine-index photos/                         makes photos.vitrine
  vitrine-index photos/ -o shop.vitrine         makes or updates shop.vitrine
  vitrine-index shop.csv -o shop.vitrine --errors failed.tsv
  vitrine-index photos/ --products folder       one product per folder
  vitrine-index photos/ -o shop.vitrine --watch
  feeder | vitrine-index --apply - -o shop.vitrine --json

Exit status: 0 done, 1 no pictures found, 2 usage, 3 unreadable or damaged
input, 5 done but some files or lines failed, 130 interrupted at a clean
checkpoint.
)"});
  line.group("Catalogue");
  line.text("output,o", "SHOP", arguments.output,
            "the catalogue; default: the name of FOLDER with .vitrine, here");
  line.choice("products", {"file", "folder"}, arguments.products,
              "what is one product: a picture or a folder of them");
  line.flag("keep-vanished", arguments.keep_vanished, "keep pictures that are no longer there");
  line.flag("watch", arguments.watch, "then go on: take over what changes in FOLDER, until Ctrl-C");
  line.number("rescan", "SECONDS", arguments.rescan_seconds, {.maximum = 1'000'000},
              "with --watch: also compare all of FOLDER so often; needed on network file systems, which tell "
              "of no changes made elsewhere");
  line.text("apply", "CHANGES", arguments.apply,
            "apply single changes as they come, from a .jsonl file or - for standard input");
  line.number("commit-every", "N", arguments.commit_every, {.minimum = 1},
              "pictures or changes between two checkpoints");
  line.group("Reading pictures");
  line.text("model", "FILE", arguments.model,
            "the model for a new catalogue, Vitrine's or a network in an .onnx file; default: the installed "
            "one. An existing catalogue keeps its own");
  line.choice("precision", {std::begin(kPrecisionNames), std::end(kPrecisionNames)}, arguments.precision,
              "arithmetic of the network");
  line.number("threads,t", "N", arguments.threads, {.maximum = 1024},
              "worker threads; default: one per core");
  line.number("max-megapixels", "N", arguments.max_megapixels, {.minimum = 1, .maximum = 100'000},
              "refuse larger pictures");
  line.group("Reports");
  line.text("errors", "FILE", arguments.errors, "write every failed picture and the reason to FILE");
  line.flag("json", arguments.json, "print the summary as JSON");
  line.flag("quiet,q", arguments.quiet, "no progress");
  return line;
}

// "photos/" and "photos" and "." all have a name; the catalogue is put into the current folder under it.
fs::path default_output(const fs::path& source) {
  const fs::path whole = fs::weakly_canonical(source);
  const fs::path name = fs::is_directory(source) ? whole.filename() : whole.stem();
  return (name.empty() ? fs::path("root") : name).string() + ".vitrine";
}

ProductRule product_rule(const Arguments& arguments) {
  return arguments.products == "folder" ? ProductRule::kFolder : ProductRule::kFile;
}

IngestSource list_source(const Arguments& arguments) {
  // Absolute paths, so that the catalogue finds its pictures from wherever it is used.
  const fs::path source = fs::absolute(arguments.source).lexically_normal();
  const std::string extension = source.extension().string();
  const bool manifest = !fs::is_directory(source) && fs::exists(source);
  if (manifest && extension != ".csv" && extension != ".jsonl") {
    throw UsageError("'" + arguments.source.string() +
                     "' is neither a folder nor a manifest (.csv or .jsonl)");
  }
  return manifest ? read_manifest(source) : list_folder(source, product_rule(arguments));
}

// Nothing if the user stopped it: learning codes for a new catalogue takes a while.
std::optional<IndexTarget> open_target(const Arguments& arguments, const fs::path& folder,
                                       const IngestSource& source) {
  try {
    return open_index_target(folder, source,
                             {.model = arguments.model,
                              .precision = precision_of(arguments.precision),
                              .num_threads = arguments.threads});
  } catch (const Error&) {
    if (!interruption_requested()) throw;
    return std::nullopt;
  }
}

ExitCode finish(const Arguments& arguments, const IndexSummary& summary, CommitLog* log) {
  const std::vector<IngestFailure>& failures = summary.report.failures;
  if (log != nullptr) {
    log->keep(failures);
  } else if (!arguments.errors.empty()) {
    write_failures(arguments.errors, failures);
  }
  print_failures(kName, failures,
                 arguments.errors.empty() ? "--errors FILE lists all" : "all are in " + arguments.errors);
  print_failures(kName, summary.warnings, "--json lists all", "warnings");
  std::cout << (arguments.json ? index_summary_json(summary, arguments.watch)
                               : index_summary_text(summary, Style::for_stream(stdout)))
            << std::flush;
  if (summary.report.interrupted) {
    complain(kName, "interrupted; everything up to here is saved, the same command goes on");
    return ExitCode::kInterrupted;
  }
  return failures.empty() ? ExitCode::kDone : ExitCode::kSomeFailed;
}

std::uint64_t max_pixels(const Arguments& arguments) {
  return std::uint64_t{arguments.max_megapixels} * 1'000'000;
}

CommitLogOptions commit_log_options(const Arguments& arguments) {
  return {.errors = arguments.errors, .json = arguments.json, .quiet = arguments.quiet};
}

ExitCode apply(const Arguments& arguments) {
  const fs::path folder = arguments.output;
  LineStream stream(arguments.apply);
  CommitLog log(kName, commit_log_options(arguments));
  std::optional<IndexTarget> target = open_target(arguments, folder, {});
  if (!target) return ExitCode::kInterrupted;
  CatalogUpkeep upkeep(kName, target->catalog, arguments.threads);
  FeedSummary summary = follow_feed(stream, *target,
                                    {.commit_every = arguments.commit_every,
                                     .num_threads = arguments.threads,
                                     .max_pixels = max_pixels(arguments)},
                                    log, upkeep);
  if (!summary.interrupted) upkeep.refresh();
  summary.folder = folder;
  summary.num_items = target->catalog.stats().num_items;
  std::cout << (arguments.json ? feed_summary_json(summary) : feed_summary_text(summary));
  if (summary.interrupted) {
    complain(kName, "interrupted; what was told as committed is saved");
    return ExitCode::kInterrupted;
  }
  return summary.counts.num_failed == 0 ? ExitCode::kDone : ExitCode::kSomeFailed;
}

IngestReport bring_up_to_date(const Arguments& arguments, IndexTarget& target, const IngestSource& source) {
  ProgressBar bar(arguments.quiet ? ProgressBar::Mode::kSilent : ProgressBar::mode_for_stderr());
  return ingest(target.catalog, *target.embedder, source,
                {.num_threads = arguments.threads,
                 .commit_every = arguments.commit_every,
                 .remove_vanished = !arguments.keep_vanished,
                 .max_pixels = max_pixels(arguments),
                 .on_progress = [&bar](const IngestProgress& progress) { bar.show(progress); },
                 .should_stop = interruption_requested});
}

// Nothing where the system cannot watch so many folders, but the user wants them compared anyway.
std::unique_ptr<FolderWatch> start_watching(const Arguments& arguments) {
  if (!fs::is_directory(arguments.source))
    throw UsageError("--watch needs a folder, '" + arguments.source.string() + "' is none");
  try {
    return std::make_unique<FolderWatch>(arguments.source);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kResource || arguments.rescan_seconds == 0) throw;
    complain(kName, std::string(error.what()) + "; going on with --rescan alone");
    return nullptr;
  }
}

std::optional<std::chrono::seconds> rescan_interval(const Arguments& arguments) {
  constexpr std::chrono::seconds kRemoteDefault{30};
  if (arguments.rescan_seconds > 0) return std::chrono::seconds(arguments.rescan_seconds);
  if (!is_remote(arguments.source)) return std::nullopt;
  complain(kName,
           "'" + arguments.source.string() +
               "' is on a file system that does not tell of changes made elsewhere; comparing all of it "
               "every 30 seconds (--rescan)");
  return kRemoteDefault;
}

ExitCode follow(const Arguments& arguments, IndexTarget& target, FolderWatch* watch, CommitLog& log) {
  CatalogUpkeep upkeep(kName, target.catalog, arguments.threads);
  FolderFollower follower(fs::absolute(arguments.source).lexically_normal(), target,
                          {.product_rule = product_rule(arguments),
                           .remove_vanished = !arguments.keep_vanished,
                           .rescan_every = rescan_interval(arguments),
                           .num_threads = arguments.threads,
                           .max_pixels = max_pixels(arguments)},
                          log, upkeep);
  follower.run(watch);
  upkeep.refresh();
  return ExitCode::kInterrupted;
}

ExitCode run(const Arguments& arguments) {
  // Before the folder is listed, so that nothing is missed in between.
  const std::unique_ptr<FolderWatch> watch = arguments.watch ? start_watching(arguments) : nullptr;
  const IngestSource source = list_source(arguments);
  if (source.entries.empty()) {
    if (!arguments.watch) print_failures(kName, source.failures, "--errors FILE lists all");
    complain(kName, "no pictures in '" + arguments.source.string() + "'; nothing was changed");
    if (!arguments.watch) return source.failures.empty() ? ExitCode::kNothingFound : ExitCode::kUnreadable;
  }
  const fs::path folder =
      arguments.output.empty() ? default_output(arguments.source) : fs::path(arguments.output);
  std::optional<IndexTarget> target = open_target(arguments, folder, source);
  if (!target) {
    complain(kName, "interrupted before the catalogue was made; the same command begins anew");
    return ExitCode::kInterrupted;
  }
  std::optional<CommitLog> log;
  if (arguments.watch) log.emplace(kName, commit_log_options(arguments));
  IndexSummary summary{.folder = folder, .identity = target->catalog.identity(), .warnings = source.warnings};
  const auto start = std::chrono::steady_clock::now();
  if (source.entries.empty())
    summary.report.failures = source.failures;
  else
    summary.report = bring_up_to_date(arguments, *target, source);
  if (!summary.report.interrupted) CatalogUpkeep(kName, target->catalog, arguments.threads).refresh();
  summary.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  summary.num_items = target->catalog.stats().num_items;
  const ExitCode code = finish(arguments, summary, log ? &*log : nullptr);
  if (!log || summary.report.interrupted) return code;
  return follow(arguments, *target, watch.get(), *log);
}

void check_words(const Arguments& arguments, const std::vector<std::string>& words) {
  if (arguments.apply.empty()) {
    if (words.size() != 1) throw UsageError(words.empty() ? "no folder given" : "more than one folder given");
    if (arguments.rescan_seconds > 0 && !arguments.watch) throw UsageError("--rescan goes with --watch");
    return;
  }
  // A folder says what all of the catalogue is to be, changes say what some of it is: one or the other.
  if (!words.empty())
    throw UsageError("--apply takes no folder or manifest beside it, found '" + words[0] + "'");
  if (arguments.watch) throw UsageError("--apply and --watch exclude each other");
  if (arguments.output.empty()) throw UsageError("--apply needs the catalogue: give it with -o");
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  reuse_picture_memory();
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    check_words(arguments, words);
    catch_interruptions();
    if (!arguments.apply.empty()) return apply(arguments);
    arguments.source = words.front();
    return run(arguments);
  });
}

// SPDX-License-Identifier: MIT
// Prints what the model makes of pictures: box, category, code, feature.
#include <chrono>
#include <cstdio>
#include <iostream>
#include <iterator>
#include <optional>

#include "common/command_line.h"
#include "common/embedding_json.h"
#include "common/failure_list.h"
#include "common/interruption.h"
#include "common/memory_settings.h"
#include "common/model_loading.h"
#include "common/model_location.h"
#include "common/npy_file.h"
#include "common/picture_list.h"
#include "common/progress_bar.h"
#include "common/query_list.h"
#include "common/tool_main.h"
#include "vitrine/embed_pictures.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-embed";

struct Arguments {
  std::vector<std::string> words;
  std::string files_from;
  std::string box;
  std::string model;
  std::string precision = "auto";
  std::string format = "jsonl";
  std::string npy;
  std::string codes;
  std::string errors;
  unsigned threads = 0;
  unsigned max_megapixels = 100;
  bool nul_separated = false;
  bool no_vectors = false;
  bool json = false;
  bool quiet = false;
};

CommandLine command_line(Arguments& arguments) {
  CommandLine line({kName, "prints box, category, code and feature of pictures",
                    "PICTURE|FOLDER|MANIFEST... [options]",
                    R"(A manifest is a .csv or .jsonl file with a column "path"; see docs/cli.md.
Row i of the arrays belongs to the picture of line i; pictures that fail have
neither. Ctrl-C stops; the arrays then hold what was printed. Every option can
be set by an environment variable, --model by VITRINE_MODEL.

Examples:
  vitrine-embed photo.jpg
  vitrine-embed photos/ --no-vectors --npy features.npy --codes codes.npy
  vitrine-embed photo.jpg --box 120,80,300,400
  find new -name '*.jpg' -print0 | vitrine-embed --files-from - -0 > new.jsonl

Exit status: 0 done, 1 no pictures found, 2 usage, 3 unreadable or damaged
input, 5 done but some pictures failed, 130 interrupted.
)"});
  line.group("Pictures");
  line.text("files-from", "FILE", arguments.files_from,
            "pictures listed in FILE, one a line; - is standard input");
  line.flag("null,0", arguments.nul_separated, "names in FILE end with a NUL byte");
  line.text("box", "X,Y,W,H", arguments.box,
            "describe this region of every picture, in pixels; 'whole': all of it");
  line.text("model", "FILE", arguments.model,
            "the model, or a network in an .onnx file; default: the installed model");
  line.choice("precision", {std::begin(kPrecisionNames), std::end(kPrecisionNames)}, arguments.precision,
              "arithmetic of the network");
  line.number("threads,t", "N", arguments.threads, {.maximum = 1024},
              "worker threads; default: one per core");
  line.number("max-megapixels", "N", arguments.max_megapixels, {.minimum = 1, .maximum = 100'000},
              "refuse larger pictures");
  line.group("Results");
  line.choice("format", {"jsonl", "json", "none"}, arguments.format, "what to print");
  line.flag("json", arguments.json, "the same as --format json");
  line.flag("no-vectors", arguments.no_vectors, "leave code and feature out of what is printed");
  line.text("npy", "FILE", arguments.npy, "write the features to FILE, a NumPy array [pictures, dimensions]");
  line.text("codes", "FILE", arguments.codes,
            "write the codes to FILE, a NumPy array [pictures, bits / 8] of bytes");
  line.text("errors", "FILE", arguments.errors, "write every failed picture and the reason to FILE");
  line.flag("quiet,q", arguments.quiet, "no progress and no summary");
  return line;
}

PictureList list_pictures(const Arguments& arguments) {
  PictureList list;
  for (const std::string& word : arguments.words) add_pictures(word, list);
  if (!arguments.files_from.empty()) {
    std::vector<std::string> names = read_name_list(arguments.files_from, arguments.nul_separated);
    list.paths.insert(list.paths.end(), std::make_move_iterator(names.begin()),
                      std::make_move_iterator(names.end()));
  }
  return list;
}

/// Everything that the pictures are written to.
class Results {
 public:
  Results(const Arguments& arguments, const ModelInfo& model)
      : model_(model),
        format_(arguments.json ? "json" : arguments.format),
        fields_(arguments.no_vectors ? EmbeddingFields::kWithoutVectors : EmbeddingFields::kAll) {
    if (!arguments.npy.empty()) features_.emplace(arguments.npy, npy_float32(), model.feature_dim);
    if (!arguments.codes.empty()) codes_.emplace(arguments.codes, "|u1", model.code_bits / 8);
  }

  void add(const std::string& path, const EmbeddedPicture& picture) {
    if (format_ == "json") std::cout << (num_added_ == 0 ? "[\n" : ",\n");
    if (format_ != "none") std::cout << embedding_json(path, picture, model_, fields_);
    if (format_ == "jsonl") std::cout << '\n';
    if (features_) features_->add_row(std::as_bytes(std::span(picture.embedding.feature)));
    if (codes_) codes_->add_row(picture.embedding.code);
    ++num_added_;
  }

  void finish() {
    if (format_ == "json") std::cout << (num_added_ == 0 ? "[]\n" : "\n]\n");
    if (features_) features_->close();
    if (codes_) codes_->close();
  }

  std::size_t num_added() const { return num_added_; }

 private:
  const ModelInfo& model_;
  const std::string format_;
  const EmbeddingFields fields_;
  std::optional<NpyFile> features_;
  std::optional<NpyFile> codes_;
  std::size_t num_added_ = 0;
};

void print_summary(std::size_t num_embedded, std::size_t num_failed, double seconds) {
  char text[128];
  std::snprintf(text, sizeof text, "%zu embedded, %zu failed, %.1f s, %.1f pictures/s", num_embedded,
                num_failed, seconds, seconds > 0 ? static_cast<double>(num_embedded) / seconds : 0);
  complain(kName, text);
}

/// Embeds the pictures into `results`, and into `list.failures` what failed; false if it was stopped.
bool embed(const Arguments& arguments, const Embedder& embedder, PictureList& list, Results& results) {
  EmbedPicturesOptions options;
  options.num_threads = arguments.threads;
  if (!arguments.box.empty()) options.box_px = parse_box(arguments.box);
  options.max_pixels = std::uint64_t{arguments.max_megapixels} * 1'000'000;
  ProgressBar bar(arguments.quiet ? ProgressBar::Mode::kSilent : ProgressBar::mode_for_stderr());
  options.on_progress = [&bar](const IngestProgress& progress) { bar.show(progress); };
  // Nothing is worth computing that cannot be printed.
  options.should_stop = [] { return interruption_requested() || !std::cout; };
  const auto take = [&](const EmbeddedPicture& picture) {
    const std::string& path = list.paths[picture.index];
    if (picture.failure.empty()) {
      results.add(path, picture);
    } else {
      list.failures.push_back({path, picture.failure});
    }
  };
  return embed_pictures(embedder, list.paths, take, options);
}

ExitCode run(const Arguments& arguments) {
  PictureList list = list_pictures(arguments);
  const std::vector<IngestFailure>& failures = list.failures;
  if (list.paths.empty()) {
    print_failures(kName, failures, "--errors FILE lists all");
    complain(kName, "no pictures");
    return failures.empty() ? ExitCode::kNothingFound : ExitCode::kUnreadable;
  }
  const auto embedder =
      load_model(arguments.model.empty() ? installed_model() : std::filesystem::path(arguments.model),
                 precision_of(arguments.precision));
  Results results(arguments, embedder->info());
  const auto start = std::chrono::steady_clock::now();
  const bool finished = embed(arguments, *embedder, list, results);
  results.finish();
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - start;
  if (!arguments.errors.empty()) write_failures(arguments.errors, failures);
  print_failures(kName, failures,
                 arguments.errors.empty() ? "--errors FILE lists all" : "all are in " + arguments.errors);
  if (!arguments.quiet) print_summary(results.num_added(), failures.size(), elapsed.count());
  if (!finished) {
    complain(kName, "interrupted; the arrays hold what was printed");
    return ExitCode::kInterrupted;
  }
  if (results.num_added() == 0) return ExitCode::kUnreadable;
  return failures.empty() ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  reuse_picture_memory();
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    if (words.empty() && arguments.files_from.empty()) throw UsageError("no picture given");
    arguments.words = words;
    catch_interruptions();
    return run(arguments);
  });
}

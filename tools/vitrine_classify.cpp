// SPDX-License-Identifier: MIT
// Names the category of photos: what the model says, how the nearest items vote, and both fused.
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "common/category_report.h"
#include "common/command_line.h"
#include "common/memory_settings.h"
#include "common/model_loading.h"
#include "common/model_location.h"
#include "common/query_list.h"
#include "common/tool_main.h"
#include "vitrine/catalog_categories.h"
#include "vitrine/engine.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-classify";

struct Arguments {
  std::string catalog;
  std::vector<std::string> photos;
  std::string files_from;
  std::string box;
  std::string precision = "auto";
  ClassifyOptions options;
  bool nul_separated = false;
  bool json = false;
};

CommandLine command_line(Arguments& arguments) {
  CommandLine line({kName, "names the category of photos", "SHOP PHOTO... [options]",
                    R"(Prints three opinions: the model's, the vote of the nearest items, and both
fused. vitrine-admin SHOP fit-categories teaches how far to believe each.

Examples:
  vitrine-classify shop.vitrine photo.jpg
  vitrine-classify shop.vitrine *.jpg --json
  vitrine-classify shop.vitrine photo.jpg --level 1

Exit status: 0 done, 1 no photo has a category, 2 usage, 3 unreadable or
damaged input, 4 some of the photos were unreadable.
)"});
  line.text("files-from", "FILE", arguments.files_from,
            "photos listed in FILE, one a line; - is standard input");
  line.flag("null,0", arguments.nul_separated, "names in FILE end with a NUL byte");
  line.text("box", "X,Y,W,H", arguments.box,
            "classify this region of the photos, in pixels; 'whole': all of them");
  line.number("top,k", "N", arguments.options.limit, {.minimum = 1, .maximum = 1'000'000},
              "number of categories");
  line.number("level", "N", arguments.options.level, {.maximum = 1000},
              "add up what lies below the first N parts of names like fruit/apple; 0: whole names");
  line.choice("precision", {std::begin(kPrecisionNames), std::end(kPrecisionNames)}, arguments.precision,
              "arithmetic of the network");
  line.flag("json", arguments.json, "print an object a line");
  return line;
}

// What one should know about the fit before believing the numbers.
void comment_on_fit(const Catalog& catalog) {
  const auto fusion = stored_category_fusion(catalog);
  if (!fusion) {
    complain(kName, "nothing was fitted, so the fused opinion is one of the others; run vitrine-admin " +
                        catalog.folder().string() + " fit-categories");
    return;
  }
  const std::string changes = category_changes_text(category_changes(*fusion, catalog));
  if (!changes.empty()) complain(kName, changes + "; vitrine-admin fit-categories fits anew");
}

ExitCode run(const Arguments& arguments) {
  const Engine engine = Engine::open(arguments.catalog, engine_options(arguments.precision));
  comment_on_fit(*engine.catalog());
  // What is cut out of the photo must keep all its pixels.
  const int min_side_px = arguments.options.box_px ? 0 : engine.embedder().info().min_decode_px();
  std::size_t num_unreadable = 0;
  bool any_category = false;
  for (const std::string& path : arguments.photos) {
    Image photo;
    try {
      photo = Image::read(path, {.min_side_px = min_side_px});
    } catch (const Error& error) {
      complain(kName, error.what());
      ++num_unreadable;
      continue;
    }
    const Classification classification = engine.classify(photo, arguments.options);
    any_category = any_category || !classification.fused.empty();
    std::cout << (arguments.json ? classification_json(path, classification)
                                 : classification_text(path, classification));
  }
  if (num_unreadable > 0)
    return num_unreadable == arguments.photos.size() ? ExitCode::kUnreadable : ExitCode::kPartial;
  return any_category ? ExitCode::kDone : ExitCode::kNothingFound;
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  reuse_picture_memory();
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    if (words.empty()) throw UsageError("no catalogue given");
    arguments.catalog = words.front();
    arguments.photos.assign(words.begin() + 1, words.end());
    if (!arguments.files_from.empty()) {
      std::vector<std::string> names = read_name_list(arguments.files_from, arguments.nul_separated);
      arguments.photos.insert(arguments.photos.end(), std::make_move_iterator(names.begin()),
                              std::make_move_iterator(names.end()));
    }
    if (arguments.photos.empty()) throw UsageError("no photo given");
    if (!arguments.box.empty()) arguments.options.box_px = parse_box(arguments.box);
    return run(arguments);
  });
}

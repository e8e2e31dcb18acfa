// SPDX-License-Identifier: MIT
// Searches a catalogue with photos and shows the hits.
#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <optional>

#include "common/answer_queries.h"
#include "common/command_line.h"
#include "common/html_sheet.h"
#include "common/memory_settings.h"
#include "common/model_loading.h"
#include "common/model_location.h"
#include "common/numberless_columns.h"
#include "common/query_list.h"
#include "common/result_writer.h"
#include "common/tool_main.h"
#include "common/utf8.h"
#include "vitrine/distinct_hits.h"
#include "vitrine/engine.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-query";

struct Arguments {
  std::string catalog;
  std::vector<std::string> photos;
  std::vector<std::string> ids;
  std::string files_from;
  std::string format = "table";
  std::string html;
  std::string box;
  std::string precision = "auto";
  std::vector<std::string> quality;
  bool ranker = false;
  double quality_strength = QualityRanking().strength;
  std::size_t max_fall = QualityRanking().max_fall;
  SearchOptions search{.k = 10};
  bool hide_duplicates = false;
  bool explain = false;
  std::size_t num_objects = 0;
  DetectionOptions detection;
  bool nul_separated = false;
  bool json = false;
  bool codes_only = false;
  bool exact = false;
  bool all_categories = false;
  bool verbose = false;
};

CommandLine command_line(Arguments& arguments) {
  CommandLine line({kName, "finds the products of a catalogue in a photo", "SHOP PHOTO... [options]",
                    R"(A PHOTO of "-" is read from standard input. Every option can be set by an
environment variable, -k by VITRINE_HITS.

Examples:
  vitrine-query shop.vitrine *.jpg --html hits.html
  vitrine-query shop.vitrine photo.jpg --box 120,80,300,400 --category shoes
  vitrine-query shop.vitrine table.jpg --objects 5 --html hits.html
  vitrine-query shop.vitrine photo.jpg --products --quality sales --explain
  vitrine-query shop.vitrine photo.jpg --where 'price < 50 AND width >= 400'
  find new -name '*.jpg' -print0 | vitrine-query shop.vitrine --files-from - -0

Exit status: 0 done, 1 no hits, 2 usage, 3 unreadable or damaged input,
4 some of the photos were unreadable.
)"});
  line.group("What to search with, besides photos");
  line.texts("id", "PRODUCT/PICTURE", arguments.ids, "an item of the catalogue");
  line.text("files-from", "FILE", arguments.files_from, "photos listed in FILE (-: standard input)");
  line.flag("null,0", arguments.nul_separated, "names in FILE, and paths printed, end with NUL");
  line.text("box", "X,Y,W,H", arguments.box,
            "search with this region of the photo, in pixels; 'whole': all of it");
  line.number("objects", "N", arguments.num_objects, {.maximum = 49},
              "search with each of up to N products in the photo, and with the whole photo; 0: with one");
  line.real("object-overlap", "X", arguments.detection.max_overlap, 0, 1,
            "how far the boxes of two products may overlap");
  line.group("What to find");
  line.number("hits,k", "N", arguments.search.k, {.minimum = 1, .maximum = 1'000'000}, "number of hits");
  line.texts("category", "NAME", arguments.search.categories, "only items of this category");
  line.flag("all-categories", arguments.all_categories, "not only items of the likely categories");
  line.real("category-mass", "X", arguments.search.category_mass, 0, 1, "how probable the likely ones are");
  line.text("where", "EXPR", arguments.search.where, "only items for which this SQL expression holds");
  line.flag("products", arguments.search.group_by_product, "products instead of pictures, by their best one");
  line.flag("hide-duplicates", arguments.hide_duplicates, "one hit of pictures that are nearly the same");
  line.texts("quality", "NAME:W", arguments.quality, "order by a column too; W < 0: less is better");
  line.flag("ranker", arguments.ranker, "order by what clicks have taught, see vitrine-train-ranker");
  line.real("strength", "X", arguments.quality_strength, 0, 1, "score that the best quality is worth");
  line.number("max-fall", "N", arguments.max_fall, {.maximum = 1000},
              "lowest rank: N times that by similarity");
  line.flag("exact", arguments.exact, "compare all codes even if there are lists");
  line.flag("codes-only", arguments.codes_only, "rank by the binary codes alone: faster, less exact");
  line.choice("precision", {std::begin(kPrecisionNames), std::end(kPrecisionNames)}, arguments.precision,
              "arithmetic of the network");
  line.group("How to show it");
  line.choice("format", {"table", "json", "jsonl", "csv", "paths"}, arguments.format, "form of the results");
  line.flag("json", arguments.json, "the same as --format json");
  line.text("html", "FILE", arguments.html, "also write a page with all pictures to FILE");
  line.flag("explain", arguments.explain, "say what --quality or --ranker did to each hit");
  line.flag("verbose,v", arguments.verbose, "print where the time went");
  return line;
}

std::vector<Query> list_queries(const Arguments& arguments, const Catalog& catalog) {
  std::vector<Query> queries;
  for (const std::string& id : arguments.ids) {
    const std::optional<ItemKey> key = find_item_key(catalog, id);
    if (!key) {
      throw Error(ErrorCode::kNotFound, "no item '" + id + "' in '" + arguments.catalog + "'");
    }
    queries.emplace_back(*key);
  }
  for (const std::string& photo : arguments.photos) {
    queries.emplace_back(PhotoQuery{photo});
  }
  if (!arguments.files_from.empty()) {
    for (std::string& name : read_name_list(arguments.files_from, arguments.nul_separated)) {
      queries.emplace_back(PhotoQuery{std::move(name)});
    }
  }
  return queries;
}

void print_timings(const QueryAnswer& answer) {
  const StageTimings& stages = answer.result.timings;
  char text[256];
  std::snprintf(text, sizeof text,
                "decode %.1f, embed %.1f, filter %.1f, hamming %.2f, category %.2f, rerank %.2f, fetch %.2f, "
                "total %.1f ms",
                answer.decode_ms, stages.embed_ms, stages.filter_ms, stages.hamming_ms, stages.category_ms,
                stages.rerank_ms, stages.fetch_ms, answer.total_ms);
  complain(kName, without_controls(answer.query) + ": " + text);
}

// Times a step that happens once and, on request, says how long it took.
template <typename Step>
auto timed(const Arguments& arguments, const std::string& what, Step step) {
  const auto start = std::chrono::steady_clock::now();
  auto result = step();
  if (arguments.verbose) {
    char text[32];
    const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
    std::snprintf(text, sizeof text, ": %.1f ms", elapsed.count());
    complain(kName, what + text);
  }
  return result;
}

bool has_hits(const QueryAnswer& answer) {
  return !answer.result.hits.empty() ||
         std::any_of(answer.objects.begin(), answer.objects.end(),
                     [](const SearchResult& object) { return !object.hits.empty(); });
}

ExitCode run(const Arguments& arguments) {
  // One state for all photos, whatever a writer commits meanwhile.
  const Engine engine = timed(arguments, "open the catalogue", [&] {
    return Engine::open(arguments.catalog, engine_options(arguments.precision)).snapshot();
  });
  const std::vector<Query> queries = list_queries(arguments, *engine.catalog());
  if (queries.empty()) {
    throw UsageError("no photo given");
  }
  if (arguments.ids.size() < queries.size()) {
    timed(arguments, "load the network", [&] { return &engine.embedder(); });
  }
  std::optional<HtmlSheet> sheet;
  if (!arguments.html.empty()) {
    sheet.emplace(arguments.html, std::filesystem::path(arguments.catalog).lexically_normal().string(),
                  engine.size());
  }
  QueryOptions options{.search = arguments.search};
  if (arguments.num_objects > 0) {
    if (arguments.ids.size() < queries.size() && !engine.embedder().info().detects)
      complain(kName, "the model does not look for products; --objects searches with whole photos only");
    options.objects = arguments.detection;
    options.objects->max_boxes = arguments.num_objects;
  }
  const std::shared_ptr<const Catalog> catalog = engine.catalog();
  std::optional<DistinctHits> distinct;
  if (arguments.hide_duplicates) {
    distinct.emplace(*catalog);
    options.search_through = [&](const SearchOptions& search, const auto& run_search) {
      return distinct->search(search, run_search);
    };
  }
  const ResultGroups groups = options.objects ? ResultGroups::kObjects : ResultGroups::kOne;
  ResultWriter writer(result_format_of(arguments.json ? "json" : arguments.format), groups, std::cout,
                      Style::for_stream(stdout), arguments.nul_separated ? '\0' : '\n', arguments.explain);
  NumberlessColumns numberless;
  std::size_t num_unreadable = 0;
  bool any_hit = false;
  answer_queries(engine, queries, options, [&](const QueryAnswer& answer) {
    if (answer.failure) {
      complain(kName, *answer.failure);
      ++num_unreadable;
      return;
    }
    any_hit = any_hit || has_hits(answer);
    numberless.add(answer);
    writer.write(answer);
    if (sheet) {
      sheet->add(answer);
    }
    if (arguments.verbose) {
      print_timings(answer);
    }
  });
  writer.finish();
  for (const std::string& column : numberless.names())
    complain(kName, "no hit has a number in '" + without_controls(column) +
                        "', so that it did not change their order");
  if (sheet) {
    sheet->close();
  }
  if (num_unreadable > 0) {
    return num_unreadable == queries.size() ? ExitCode::kUnreadable : ExitCode::kPartial;
  }
  if (!any_hit) {
    complain(kName, engine.size() == 0 ? "the catalogue is empty" : "no hits");
  }
  return any_hit ? ExitCode::kDone : ExitCode::kNothingFound;
}

// "sales:2": the part behind the last colon is the weight; without one it is 1.
std::vector<QualityColumn> parse_columns(const std::vector<std::string>& words) {
  std::vector<QualityColumn> columns;
  for (const std::string& word : words) {
    const std::size_t colon = word.rfind(':');
    QualityColumn column{word.substr(0, colon), 1};
    if (colon != std::string::npos) {
      const char* const end = word.data() + word.size();
      const auto [rest, error] = std::from_chars(word.data() + colon + 1, end, column.weight);
      if (error != std::errc() || rest != end)
        throw UsageError("--quality " + word + ": expected NAME:W, such as sales:2 or price:-1");
    }
    columns.push_back(std::move(column));
  }
  return columns;
}

// What one option demands of the others.
void complete(Arguments& arguments, const std::vector<std::string>& positional) {
  if (positional.empty()) {
    throw UsageError("no catalogue given");
  }
  arguments.catalog = positional.front();
  arguments.photos.assign(positional.begin() + 1, positional.end());
  if (!arguments.box.empty()) {
    if (!arguments.ids.empty()) {
      throw UsageError("--box is for photos; an item given by --id is searched for as it was indexed");
    }
    if (arguments.num_objects > 0) {
      throw UsageError("--box gives one region, --objects looks for several: choose one of them");
    }
    arguments.search.box_px = parse_box(arguments.box);
  }
  if (arguments.hide_duplicates && arguments.num_objects > 0)
    throw UsageError("--hide-duplicates goes with one search a photo, not with --objects");
  if (arguments.all_categories) {
    if (!arguments.search.categories.empty())
      throw UsageError("--category and --all-categories contradict each other");
    arguments.search.category_mass = 1;
  }
  if (arguments.ranker && !arguments.quality.empty())
    throw UsageError("--quality sets weights by hand, --ranker has its own: choose one of them");
  if (arguments.ranker || !arguments.quality.empty()) {
    arguments.search.quality = QualityRanking{.columns = parse_columns(arguments.quality),
                                              .strength = arguments.quality_strength,
                                              .max_fall = arguments.max_fall,
                                              .use_trained = arguments.ranker};
  } else if (arguments.explain) {
    throw UsageError("--explain tells what --quality or --ranker did: give one of them");
  }
  if (arguments.exact) arguments.search.target_recall = 1;
  if (arguments.codes_only) {
    arguments.search.rerank_candidates = 0;
  }
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  reuse_picture_memory();
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    complete(arguments, words);
    return run(arguments);
  });
}

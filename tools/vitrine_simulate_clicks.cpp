// SPDX-License-Identifier: MIT
// Makes a click log of labelled photos, as users might have left it.
#include <algorithm>
#include <filesystem>
#include <iostream>
#include <mutex>
#include <optional>
#include <thread>

#include "base/parallel.h"
#include "common/command_line.h"
#include "common/failure_list.h"
#include "common/interruption.h"
#include "common/memory_settings.h"
#include "common/progress_bar.h"
#include "common/tool_main.h"
#include "engine/text_attribute.h"
#include "vitrine/click_log.h"
#include "vitrine/click_simulation.h"
#include "vitrine/engine.h"
#include "vitrine/ingest.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-simulate-clicks";

struct Arguments {
  std::string photos;
  std::string catalog;
  std::string output;
  std::string identity;
  std::string where;
  std::size_t page_items = 20;
  std::size_t limit = 0;
  unsigned threads = 0;
  bool quiet = false;
  SimulationOptions simulation;
};

CommandLine command_line(Arguments& arguments) {
  SimulationOptions& simulation = arguments.simulation;
  CommandLine line({kName, "makes a click log of labelled photos", "PHOTOS --catalog SHOP -o LOG [options]",
                    R"(PHOTOS is a manifest (.csv or .jsonl) with the columns path and product. Each
photo is searched for; simulated users read the results from the top, click
most items of the photo's product and, by mistake or out of curiosity, some
others. The log has the truth in its column same_product.

Examples:
  vitrine-simulate-clicks photos.csv --catalog shop.vitrine -o clicks.csv
  vitrine-simulate-clicks photos.csv --catalog shop.vitrine -o clicks.jsonl \
      --wrong-clicks 0.3 --missed 0.1 --seed 7

Exit status: 0 done, 1 no photo could be searched for, 2 usage, 3 unreadable
or damaged input, 5 done but some photos failed, 130 interrupted.
)"});
  line.group("Files");
  line.text("catalog", "SHOP", arguments.catalog, "the catalogue that is searched");
  line.text("output,o", "LOG", arguments.output, "the log to write (.csv or .jsonl)");
  line.text("identity", "NAME", arguments.identity,
            "attribute of the catalogue's items that says what they really show; default: their product");
  line.text("where", "EXPR", arguments.where, "show only items for which this SQL expression holds");
  line.number("limit", "N", arguments.limit, {}, "only the first N photos; default: all");
  line.number("threads,t", "N", arguments.threads, {.maximum = 1024},
              "worker threads; default: one per core");
  line.group("Users");
  line.number("page", "N", arguments.page_items, {.minimum = 1, .maximum = 1000}, "items on a page");
  line.number("views", "N", simulation.views_per_photo, {.minimum = 1, .maximum = 1'000'000},
              "page views of each photo");
  line.real("continuation", "X", simulation.continuation, 0, 1, "how often the next item is looked at");
  line.real("satisfaction", "X", simulation.satisfaction, 0, 1, "how often a right click ends the view");
  line.real("missed", "X", simulation.missed, 0, 1, "share of right items looked at but not clicked");
  line.real("wrong-clicks", "X", simulation.wrong_clicks, 0, 1, "share of clicks on other products");
  line.real("session-views", "X", simulation.views_per_session, 1, 1e6, "mean page views in a session");
  line.real("pause", "SECONDS", simulation.seconds_between_views, 1e-3, 1e9, "mean time between views");
  line.real("start", "SECONDS", simulation.start_time_s, 0, 1e11, "time of the first view, since the epoch");
  line.number("seed", "N", simulation.seed, {}, "equal seeds give equal logs");
  line.group("Reports");
  line.flag("quiet,q", arguments.quiet, "no progress");
  return line;
}

/// Searches for photos and remembers what came back.
class PageMaker {
 public:
  PageMaker(const Engine& engine, const Arguments& arguments) : engine_(engine), arguments_(arguments) {}

  ResultPage page_for(const IngestEntry& photo) const {
    const std::string path = std::filesystem::absolute(photo.path).lexically_normal().string();
    const Image image = Image::read(path, {.min_side_px = engine_.embedder().info().min_decode_px()});
    ResultPage page{path, {}};
    // One more than shown, since the photo itself may be in the catalogue and is left out.
    for (const Hit& hit :
         engine_.search(image, {.k = arguments_.page_items + 1, .where = arguments_.where}).hits) {
      if (hit.path == path || page.entries.size() == arguments_.page_items) continue;
      page.entries.push_back({hit.product + '/' + hit.picture, identity_of(hit) == photo.key.product});
    }
    return page;
  }

 private:
  std::string identity_of(const Hit& hit) const {
    if (arguments_.identity.empty()) return hit.product;
    const std::optional<Item> item = engine_.catalog()->item(hit.id);
    const std::optional<std::string> identity =
        engine::text_attribute(item ? item->attributes_json : "{}", arguments_.identity);
    if (!identity)
      throw Error(ErrorCode::kInvalidArgument, "item '" + hit.product + '/' + hit.picture + "' of '" +
                                                   arguments_.catalog + "' has no text attribute '" +
                                                   arguments_.identity + "'; check --identity");
    return *identity;
  }

  const Engine& engine_;
  const Arguments& arguments_;
};

struct Pages {
  std::vector<ResultPage> pages;
  std::vector<IngestFailure> failures;
};

Pages search_all(const Engine& engine, const Arguments& arguments, const std::vector<IngestEntry>& photos) {
  engine.embedder();  // loads the network once, before threads ask for it
  const PageMaker maker(engine, arguments);
  std::vector<ResultPage> pages(photos.size());
  std::vector<std::string> reasons(photos.size());
  ProgressBar bar(arguments.quiet ? ProgressBar::Mode::kSilent : ProgressBar::mode_for_stderr());
  std::mutex mutex;
  std::uint64_t num_done = 0;
  const unsigned num_threads =
      arguments.threads > 0 ? arguments.threads : std::max(std::thread::hardware_concurrency(), 1U);
  base::parallel_for(photos.size(), num_threads, [&](std::size_t i) {
    if (interruption_requested()) return;
    try {
      pages[i] = maker.page_for(photos[i]);
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kInvalidArgument) throw;
      reasons[i] = error.what();
    }
    const std::lock_guard lock(mutex);
    bar.show({.num_total = photos.size(), .num_done = ++num_done});
  });
  Pages result;
  for (std::size_t i = 0; i < photos.size(); ++i) {
    if (!reasons[i].empty()) result.failures.push_back({photos[i].path, reasons[i]});
    if (!pages[i].entries.empty()) result.pages.push_back(std::move(pages[i]));
  }
  return result;
}

ExitCode run(const Arguments& arguments) {
  const Engine engine = Engine::open(arguments.catalog);
  IngestSource source = read_manifest(arguments.photos);
  if (arguments.limit > 0 && source.entries.size() > arguments.limit) source.entries.resize(arguments.limit);
  Pages found = search_all(engine, arguments, source.entries);
  found.failures.insert(found.failures.begin(), source.failures.begin(), source.failures.end());
  print_failures(kName, found.failures, "the others are not listed");
  if (interruption_requested()) {
    complain(kName, "interrupted; nothing was written");
    return ExitCode::kInterrupted;
  }
  if (found.pages.empty()) {
    complain(kName, "no photo of '" + arguments.photos + "' could be searched for; nothing was written");
    return ExitCode::kNothingFound;
  }
  ClickLogWriter log(arguments.output);
  std::size_t num_views = 0, num_clicks = 0;
  simulate_clicks(found.pages, arguments.simulation, [&](const PageView& view) {
    ++num_views;
    num_clicks += static_cast<std::size_t>(std::count_if(view.items.begin(), view.items.end(),
                                                         [](const ShownItem& item) { return item.clicked; }));
    log.write(view);
  });
  log.close();
  std::cout << arguments.output << ": " << num_views << " page views, " << num_clicks << " clicks\n";
  return found.failures.empty() ? ExitCode::kDone : ExitCode::kSomeFailed;
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  reuse_picture_memory();
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    if (words.size() != 1) throw UsageError("give one list of photos");
    if (arguments.catalog.empty()) throw UsageError("--catalog is missing: name the catalogue to search");
    if (arguments.output.empty()) throw UsageError("--output is missing: name the log to write");
    arguments.photos = words.front();
    catch_interruptions();
    return run(arguments);
  });
}

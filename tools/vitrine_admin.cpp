// SPDX-License-Identifier: MIT
// Looks after a catalogue: what it holds, whether it is whole, and its search index.
#include <algorithm>
#include <iostream>
#include <string>
#include <thread>

#include "common/catalog_report.h"
#include "common/command_line.h"
#include "common/tool_main.h"
#include "vitrine/catalog.h"
#include "vitrine/search_index.h"

namespace vitrine::tools {
namespace {

constexpr const char* kName = "vitrine-admin";

struct Arguments {
  std::string catalog;
  std::string command;
  unsigned threads = 0;
  bool json = false;
};

CommandLine command_line(Arguments& arguments) {
  CommandLine line({kName, "looks after a catalogue", "SHOP info|verify|optimize [options]",
                    R"(info      prints what the catalogue holds, its model, and its search index: how
          many lists of similar pictures it has, and which share of the true
          neighbours searches find
verify    reads every byte and reports what is damaged
optimize  forms the lists of the search index anew; worth it after the kind of
          pictures has changed much. vitrine-index keeps the index up to date
          otherwise

Examples:
  vitrine-admin shop.vitrine info
  vitrine-admin shop.vitrine verify && cp -r shop.vitrine backup/

Exit status: 0 done, 1 verify found damage, 2 usage, 3 unreadable catalogue or
an index that cannot be written.
)"});
  line.number("threads,t", "N", arguments.threads, {.maximum = 1024},
              "threads that form lists; default: one per core");
  line.flag("json", arguments.json, "print JSON");
  return line;
}

ExitCode info(const Arguments& arguments) {
  const Catalog catalog = Catalog::open(arguments.catalog);
  const CatalogReport report{arguments.catalog, catalog.identity(), catalog.stats(),
                             search_index_info(catalog)};
  std::cout << (arguments.json ? catalog_report_json(report) : catalog_report_text(report));
  return ExitCode::kDone;
}

ExitCode verify(const Arguments& arguments) {
  const Catalog catalog = Catalog::open(arguments.catalog);
  std::vector<CatalogProblem> problems = catalog.verify();
  const auto of_index = verify_search_index(catalog);
  problems.insert(problems.end(), of_index.begin(), of_index.end());
  std::cout << (arguments.json ? problems_json(problems) : problems_text(problems));
  return problems.empty() ? ExitCode::kDone : ExitCode::kNothingFound;
}

ExitCode optimize(const Arguments& arguments) {
  const Catalog catalog = Catalog::open(arguments.catalog, Catalog::Mode::kReadWrite);
  const unsigned threads =
      arguments.threads != 0 ? arguments.threads : std::max(1u, std::thread::hardware_concurrency());
  const SearchIndexInfo index =
      refresh_search_index(catalog, {.form_lists_anew = true, .num_threads = threads});
  const CatalogReport report{arguments.catalog, catalog.identity(), catalog.stats(), index};
  std::cout << (arguments.json ? catalog_report_json(report) : catalog_report_text(report));
  return ExitCode::kDone;
}

ExitCode run(const Arguments& arguments) {
  if (arguments.command == "info") return info(arguments);
  if (arguments.command == "verify") return verify(arguments);
  if (arguments.command == "optimize") return optimize(arguments);
  throw UsageError("'" + arguments.command + "' is none of info, verify and optimize");
}

}  // namespace
}  // namespace vitrine::tools

int main(int argc, char** argv) {
  using namespace vitrine::tools;
  Arguments arguments;
  return run_tool(command_line(arguments), argc, argv, [&](const std::vector<std::string>& words) {
    if (words.size() != 2) throw UsageError("give a catalogue and one of info, verify and optimize");
    arguments.catalog = words[0];
    arguments.command = words[1];
    return run(arguments);
  });
}

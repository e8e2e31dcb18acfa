// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>

#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

const std::vector<std::string> kTools = {
#ifdef VITRINE_TEST_RANKER
    "vitrine-train-ranker",
#endif
    "vitrine-index",           "vitrine-query",       "vitrine-embed", "vitrine-eval",
    "vitrine-admin",           "vitrine-classify",    "vitrine-mine",  "vitrine-dedup",
    "vitrine-simulate-clicks", "vitrine-group-clicks"};

std::string hint(const std::string& tool) {
  return "Try '" + tool + " --help'.\n";
}

}  // namespace

TEST_CASE("--version prints name and version") {
  const Workspace work;
  for (const std::string& tool : kTools) {
    const ProcessResult result = work.run(tool, {"--version"});
    CHECK(result.exit_code == 0);
    CHECK(result.out == tool + " " VITRINE_VERSION "\n");
    CHECK(result.err.empty());
  }
}

TEST_CASE("--help prints usage, options and examples on at most 60 lines of 80 columns") {
  const Workspace work;
  for (const std::string& tool : kTools) {
    const ProcessResult result = work.run(tool, {"--help"});
    CHECK(result.exit_code == 0);
    CHECK(result.err.empty());
    CHECK(result.out.find("Usage: " + tool) != std::string::npos);
    CHECK(result.out.find("Examples:") != std::string::npos);
    CHECK(result.out.find("Exit status:") != std::string::npos);
    std::size_t num_lines = 0;
    std::size_t line_length = 0;
    for (const char c : result.out) {
      line_length = c == '\n' ? 0 : line_length + 1;
      num_lines += c == '\n' ? 1 : 0;
      CHECK(line_length < 80);
    }
    CHECK(num_lines <= 60);
  }
}

TEST_CASE("mistakes on the command line are named, with a pointer to the help and exit code 2") {
  const Workspace work;
  struct Mistake {
    std::string tool;
    std::vector<std::string> arguments;
    std::string message;
  };
  const std::vector<Mistake> mistakes = {
      {"vitrine-index", {}, "no folder given"},
      {"vitrine-index", {"a", "b"}, "more than one folder given"},
      {"vitrine-index", {"a", "--frobnicate"}, "unrecognised option '--frobnicate'"},
      {"vitrine-index", {"a", "--model"}, "the required argument for option '--model' is missing"},
      {"vitrine-index", {"a", "--threads", "-1"}, "--threads needs a whole number from 0 to 1024, not '-1'"},
      {"vitrine-index",
       {"a", "--threads", "many"},
       "--threads needs a whole number from 0 to 1024, not 'many'"},
      {"vitrine-index",
       {"a", "--commit-every", "0"},
       "--commit-every needs a whole number of at least 1, not '0'"},
      {"vitrine-index",
       {"a", "--precision", "half"},
       "--precision is one of auto, float32, bfloat16, int8, not 'half'"},
      {"vitrine-query", {}, "no catalogue given"},
      {"vitrine-query",
       {"shop", "x.jpg", "-k", "0"},
       "--hits needs a whole number from 1 to 1000000, not '0'"},
      {"vitrine-query",
       {"shop", "x.jpg", "-k", "99999999999999999999"},
       "--hits needs a whole number from 1 to 1000000, not '99999999999999999999'"},
      {"vitrine-query",
       {"shop", "x.jpg", "--box", "1,2,3"},
       "--box needs x,y,width,height in pixels, for example 40,10,200,300, or 'whole', not '1,2,3'"},
      {"vitrine-query",
       {"shop", "x.jpg", "--box", "1,2,0,4"},
       "--box needs x,y,width,height in pixels, for example 40,10,200,300, or 'whole', not '1,2,0,4'"},
      {"vitrine-query",
       {"shop", "x.jpg", "--box", "1,2,3,4,5"},
       "--box needs x,y,width,height in pixels, for example 40,10,200,300, or 'whole', not '1,2,3,4,5'"},
      {"vitrine-query",
       {"shop", "--id", "a/b", "--box", "1,2,3,4"},
       "--box is for photos; an item given by --id is searched for as it was indexed"},
      {"vitrine-query",
       {"shop", "x.jpg", "--format", "xml"},
       "--format is one of table, json, jsonl, csv, paths, not 'xml'"},
      {"vitrine-admin",
       {"shop"},
       "give a catalogue and one of info, verify, backup, export, optimize, compact, fit-categories, "
       "fit-scores, reembed and switch"},
      {"vitrine-admin",
       {"shop", "repair"},
       "'repair' is none of info, verify, backup, export, optimize, compact, fit-categories, fit-scores, "
       "reembed and switch"},
      {"vitrine-eval", {"shop"}, "give a catalogue and a list of queries"},
      {"vitrine-embed", {}, "no picture given"},
      {"vitrine-mine", {}, "no click log given"},
      {"vitrine-mine", {"c.csv", "-o", "t"}, "--catalog is missing: name the catalogue"},
      {"vitrine-mine", {"c.csv", "--catalog", "s"}, "--output is missing: name the triplets to write"},
      {"vitrine-mine", {"c.csv", "--gamma", "x"}, "--gamma needs a number from -1000 to 1000, not 'x'"},
      {"vitrine-simulate-clicks", {}, "give one list of photos"},
      {"vitrine-group-clicks", {}, "no click log given"},
      {"vitrine-group-clicks", {"c.csv", "-o", "l"}, "--catalog is missing: name the catalogue"},
      {"vitrine-group-clicks", {"c.csv", "--catalog", "s"}, "--output is missing: name the list to write"},
      {"vitrine-group-clicks",
       {"c.csv", "--resolution", "0"},
       "--resolution needs a number from 0.001 to 1e+06, not '0'"},
  };
  for (const Mistake& mistake : mistakes) {
    const ProcessResult result = work.run(mistake.tool, mistake.arguments);
    CHECK(result.exit_code == 2);
    CHECK(result.out.empty());
    CHECK(result.err == mistake.tool + ": " + mistake.message + "\n" + hint(mistake.tool));
  }
}

TEST_CASE("options come from the command line, then the environment, then the configuration file") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  write_file(work / "query.conf", "hits = 1\nformat = paths\n");
  const auto num_lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  const std::vector<std::string> arguments = {"shop.vitrine", "shop/loose.png", "--config", "query.conf"};
  CHECK(num_lines(work.run("vitrine-query", arguments).out) == 1);
  CHECK(num_lines(work.run("vitrine-query", arguments, {.environment = {{"VITRINE_HITS", "2"}}}).out) == 2);
  std::vector<std::string> with_option = arguments;
  with_option.insert(with_option.end(), {"-k", "3"});
  CHECK(num_lines(work.run("vitrine-query", with_option, {.environment = {{"VITRINE_HITS", "2"}}}).out) == 3);
}

TEST_CASE("a flag can be set by the environment") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const ProcessResult result =
      work.run("vitrine-query", {"shop.vitrine", "shop/loose.png"}, {.environment = {{"VITRINE_JSON", "1"}}});
  CHECK(result.out.substr(0, 2) == "[\n");
}

TEST_CASE("a configuration file that is missing or has unknown names is refused") {
  const Workspace work;
  write_file(work / "odd.conf", "colour = blue\n");
  CHECK(work.run("vitrine-query", {"shop", "x.jpg", "--config", "none.conf"}).exit_code == 3);
  const ProcessResult result = work.run("vitrine-query", {"shop", "x.jpg", "--config", "odd.conf"});
  CHECK(result.exit_code == 2);
  CHECK(result.err == "vitrine-query: unrecognised option 'colour'\n" + hint("vitrine-query"));
}

}  // namespace vitrine::test

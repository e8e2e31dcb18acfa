// SPDX-License-Identifier: MIT
// vitrine-index --apply: changes that come one after the other.
#include <signal.h>
#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <thread>

#include "tools/text_file.h"
#include "tools/workspace.h"
#include "vitrine/catalog.h"

namespace vitrine::test {
namespace {

using nlohmann::json;

const std::vector<std::string> kApply = {"--apply", "changes.jsonl", "-o", "shop.vitrine", "--json"};

std::vector<json> json_lines(const std::string& text) {
  std::vector<json> objects;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);)
    if (stream.good()) objects.push_back(json::parse(line));  // a killed process may leave half a line
  return objects;
}

/// What a catalogue holds, as far as changes can say it: picture's path and attributes.
using State = std::map<std::string, std::pair<std::string, json>>;

State state_of(const std::filesystem::path& shop) {
  const Catalog catalog = Catalog::open(shop);
  CHECK(catalog.verify().empty());
  State state;
  catalog.for_each_row([&](const Catalog::Row& row) {
    const Item item = catalog.item(row.id).value();
    state[item.key.product] = {std::filesystem::path(item.path).filename(),
                               json::parse(item.attributes_json)};
  });
  return state;
}

void apply_to(State& state, const json& record) {
  const std::string product = record["product"];
  const std::string op = record["op"];
  if (op == "delete") state.erase(product);
  if (op == "upsert")
    state[product] = {std::filesystem::path(record["path"].get<std::string>()).filename(),
                      record["attributes"]};
  if (op == "update" && state.contains(product)) state[product].second.merge_patch(record["attributes"]);
}

/// Random records over a few products and pictures.
std::vector<json> random_records(int num_records, bool with_versions) {
  std::mt19937 random(11);
  const auto below = [&](int n) { return std::uniform_int_distribution<>(0, n - 1)(random); };
  std::vector<json> records;
  for (int i = 0; i < num_records; ++i) {
    json record = {{"product", "p" + std::to_string(below(10))}, {"picture", "front"}};
    const int kind = below(6);
    record["op"] = kind < 2 ? "upsert" : kind < 5 ? "update" : "delete";
    if (kind < 2) record["path"] = "pictures/" + std::to_string(below(5)) + ".png";
    if (kind < 5) record["attributes"] = {{"a" + std::to_string(below(3)), i}};
    if (with_versions) record["version"] = i;
    records.push_back(record);
  }
  return records;
}

std::string text_of(const std::vector<json>& records) {
  std::string text;
  for (const json& record : records) text += record.dump() + "\n";
  return text;
}

void add_pictures(const Workspace& work) {
  for (int i = 0; i < 5; ++i)
    work.add_picture("pictures/" + std::to_string(i) + ".png", static_cast<std::uint64_t>(i), 16);
}

}  // namespace

TEST_CASE("a feed makes a catalogue, every commit is told, and the same feed again changes nothing") {
  const Workspace work;
  add_pictures(work);
  const std::vector<json> records = random_records(120, true);
  write_file(work / "changes.jsonl", text_of(records));
  State expected;
  for (const json& record : records) apply_to(expected, record);

  std::vector<std::string> arguments = kApply;
  arguments.insert(arguments.end(), {"--commit-every", "50"});
  const ProcessResult result = work.run("vitrine-index", arguments);
  INFO(result.err);
  // Updates of items that are not there at their time fail by themselves.
  CHECK(result.exit_code == 5);
  CHECK(state_of(work / "shop.vitrine") == expected);
  const std::vector<json> lines = json_lines(result.out);
  REQUIRE(lines.size() == 4);
  CHECK(lines[0]["schema"] == "vitrine.commit/1");
  CHECK(lines[0]["line"] == 50);
  CHECK(lines[2]["line"] == 120);
  CHECK(lines[3]["schema"] == "vitrine.feed/1");
  CHECK(lines[3]["records"] == 120);
  CHECK(lines[3]["items"] == expected.size());
  CHECK(lines[3]["stale"] == 0);
  CHECK(lines[3]["interrupted"] == false);

  const std::vector<json> again = json_lines(work.run("vitrine-index", kApply).out);
  REQUIRE_FALSE(again.empty());
  CHECK(again.back()["added"] == 0);
  CHECK(again.back()["modified"] == 0);
  CHECK(again.back()["removed"] == 0);
  CHECK(again.back()["stale"].get<int>() + again.back()["failed"].get<int>() == 120);
  CHECK(state_of(work / "shop.vitrine") == expected);
}

TEST_CASE("bad lines are listed with their numbers and reasons, and everything else is applied") {
  const Workspace work;
  add_pictures(work);
  const std::vector<std::string> lines = {
      R"({"path":"pictures/0.png"})",
      "no json",
      std::string(10'000, '[') + std::string(10'000, ']'),
      R"({"op":"delete","product":"nobody","picture":"x"})",
      "",
      R"({"op":"update","product":"nobody","picture":"x"})",
      R"({"path":5})",
      R"({"path":"pictures/missing.png"})",
      R"({"path":"pictures/1.png","a":")" + std::string(1 << 20, 'x') + "\"}",
      std::string(3 << 20, 'y'),
      "\x1b[31m\xff",
      R"({"path":"pictures/2.png","version":"new"})",
      R"({"path":"pictures/3.png"})"};
  std::string text;
  for (const std::string& line : lines) text += line + "\r\n";
  text.resize(text.size() - 2);  // the last line has no end
  write_file(work / "changes.jsonl", text);
  std::vector<std::string> arguments = kApply;
  arguments.insert(arguments.end(), {"--errors", "errors.tsv"});
  const ProcessResult result = work.run("vitrine-index", arguments);
  CHECK(result.exit_code == 5);
  const std::vector<json> acknowledged = json_lines(result.out);
  REQUIRE(acknowledged.size() == 2);
  CHECK(acknowledged[0]["line"] == 13);
  CHECK(acknowledged[0]["added"] == 2);
  CHECK(acknowledged[0]["failed"] == 10);
  const json& failures = acknowledged[0]["failures"];
  REQUIRE(failures.size() == 10);
  CHECK(failures[0]["path"] == "changes.jsonl:2");
  CHECK(failures[1]["reason"] == "JSON nested deeper than 32 levels");
  CHECK(failures[2]["reason"] == "the catalogue has no such item");
  CHECK(failures[3]["path"] == "changes.jsonl:6");
  CHECK(failures[6]["reason"] == "the line is longer than 1 MiB");
  CHECK(failures[7]["path"] == "changes.jsonl:10");
  CHECK(failures[9]["reason"] == "version: expected an integer, found string");
  const std::string errors = read_file(work / "errors.tsv");
  CHECK(std::count(errors.begin(), errors.end(), '\n') == 10);
  CHECK(result.err.find("changes.jsonl:2: not valid JSON") != std::string::npos);
  CHECK(state_of(work / "shop.vitrine").size() == 2);
}

TEST_CASE("in a feed, numbers that are none are refused by line, texts for numbers applied with a warning") {
  const Workspace work;
  add_pictures(work);
  write_file(work / "changes.jsonl", R"({"path":"pictures/0.png","price":10})"
                                     "\n"
                                     R"({"op":"update","path":"pictures/0.png","price":NaN})"
                                     "\n");
  const ProcessResult refused = work.run("vitrine-index", kApply);
  CHECK(refused.exit_code == 5);
  CHECK(refused.err ==
        "vitrine-index: changes.jsonl:2: price: NaN is no finite number, and JSON has no other; "
        "write null where there is none\n");
  const std::vector<json> commits = json_lines(refused.out);
  REQUIRE_FALSE(commits.empty());
  CHECK_FALSE(commits[0].contains("warnings"));
  const auto prices = [&] { return Catalog::open(work / "shop.vitrine").item(1)->quality; };
  CHECK(prices() == std::map<std::string, double>{{"price", 10}});

  write_file(work / "changes.jsonl", R"({"op":"update","path":"pictures/0.png","price":"n/a"})");
  const ProcessResult warned = work.run("vitrine-index", kApply);
  CHECK(warned.exit_code == 0);
  const std::string reason =
      "price: expected a number, as others have in this column, found 'n/a'; kept as an attribute, and "
      "missing "
      "as a number";
  CHECK(warned.err == "vitrine-index: changes.jsonl:1: " + reason + "\n");
  CHECK(json_lines(warned.out).at(0)["warnings"] == json{{{"path", "changes.jsonl:1"}, {"reason", reason}}});
  CHECK(prices().empty());
}

TEST_CASE("killed at any moment and given again, a feed ends where a plain map does") {
  const bool with_versions = GENERATE(true, false);
  const Workspace work;
  add_pictures(work);
  const std::vector<json> records = random_records(3000, with_versions);
  write_file(work / "changes.jsonl", text_of(records));
  std::vector<State> states = {{}};  // after so many records
  for (const json& record : records) {
    states.push_back(states.back());
    apply_to(states.back(), record);
  }
  std::vector<std::string> arguments = kApply;
  arguments.insert(arguments.end(), {"--commit-every", "7"});
  std::mt19937 random(3);
  std::size_t acknowledged = 0;
  int num_killed = 0;
  for (int round = 0; round < 6; ++round) {
    Process process(tool_path("vitrine-index"), arguments, work.prepared({}));
    while (process.running() && !std::filesystem::exists(work / "shop.vitrine/catalog.sqlite"))
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(std::uniform_int_distribution<>(0, 400)(random)));
    process.send_signal(SIGKILL);
    const ProcessResult result = process.wait();
    if (result.exit_code != 128 + SIGKILL) continue;  // a fast machine may be done
    ++num_killed;
    if (!with_versions) continue;  // it begins anew each time, so its state is none of those above
    for (const json& line : json_lines(result.out))
      if (line.contains("line")) acknowledged = std::max<std::size_t>(acknowledged, line["line"]);
    const State state = state_of(work / "shop.vitrine");
    const auto found =
        std::find(states.begin() + static_cast<std::ptrdiff_t>(acknowledged), states.end(), state);
    INFO("acknowledged " << acknowledged);
    CHECK(found != states.end());
  }
  CHECK(num_killed > 0);
  CHECK(work.run("vitrine-index", kApply).exit_code == 5);
  CHECK(state_of(work / "shop.vitrine") == states.back());
}

TEST_CASE("a feeder on a pipe hears of its records while it goes on, and Ctrl-C ends cleanly") {
  const Workspace work;
  add_pictures(work);
  const std::filesystem::path pipe = work / "pipe";
  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const std::filesystem::path out = work / "out";
  Process process(tool_path("vitrine-index"), {"--apply", "pipe", "-o", "shop.vitrine", "--json"},
                  work.prepared({.output = out}));
  std::ofstream feeder(pipe);
  for (int i = 0; i < 3; ++i) {
    feeder << R"({"path":"pictures/)" << i << ".png\"}\n" << std::flush;
    // Waits for the acknowledgement, as a feeder would that wants to know what is durable.
    const auto is_told = [&] {
      for (const json& line : json_lines(read_file(out)))
        if (line.contains("line") && line["line"] == i + 1) return true;
      return false;
    };
    for (int wait = 0; wait < 3000 && !is_told(); ++wait)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    REQUIRE(is_told());
    CHECK(state_of(work / "shop.vitrine").size() == static_cast<std::size_t>(i) + 1);
  }
  process.send_signal(SIGINT);
  const ProcessResult result = process.wait();
  CHECK(result.exit_code == 130);
  CHECK(json_lines(read_file(out)).back()["interrupted"] == true);
  CHECK(state_of(work / "shop.vitrine").size() == 3);
}

TEST_CASE("standard input is a feed too, and what it says without --json is for people") {
  const Workspace work;
  add_pictures(work);
  const ProcessResult result =
      work.run("vitrine-index", {"--apply", "-", "-o", "shop.vitrine"},
               {.input = "{\"path\":\"pictures/0.png\"}\n{\"path\":\"pictures/1.png\"}\n"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.find("to line 2: 2 added, 0 modified, 0 removed, 0 unchanged, 0 failed\n") == 0);
  CHECK(result.out.find("shop.vitrine: 2 pictures\n") != std::string::npos);
}

TEST_CASE("a feed that cannot be read makes no catalogue") {
  const Workspace work;
  const ProcessResult missing = work.run("vitrine-index", {"--apply", "missing.jsonl", "-o", "shop.vitrine"});
  CHECK(missing.exit_code == 3);
  CHECK(missing.err == "vitrine-index: cannot open 'missing.jsonl': No such file or directory\n");
  CHECK_FALSE(std::filesystem::exists(work / "shop.vitrine"));
  std::filesystem::create_directory(work / "folder");
  CHECK(work.run("vitrine-index", {"--apply", "folder", "-o", "shop.vitrine"}).exit_code == 3);
  CHECK(work.run("vitrine-index", {"--apply", "missing.jsonl"}).exit_code == 2);
  CHECK(work.run("vitrine-index", {"folder", "--apply", "missing.jsonl", "-o", "x"}).exit_code == 2);
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include "vitrine/click_log.h"

#include <catch2/catch.hpp>

#include "engine/test_folder.h"
#include "vitrine/error.h"

namespace vitrine::test {
namespace {

const std::string kHeader = "session,time,query,item,position,clicked\n";

struct Read {
  std::vector<PageView> views;
  std::vector<IngestFailure> problems;
};

Read read_all(const std::filesystem::path& log) {
  Read result;
  ClickLogReader reader(log, [&](const IngestFailure& problem) { result.problems.push_back(problem); });
  while (std::optional<PageView> view = reader.next()) result.views.push_back(std::move(*view));
  CHECK(reader.bytes_read() == reader.size_bytes());
  CHECK(reader.num_problems() == result.problems.size());
  return result;
}

std::string message_of(const std::filesystem::path& log, ErrorCode code) {
  try {
    read_all(log);
  } catch (const Error& error) {
    CHECK(error.code() == code);
    return error.what();
  }
  return "no error";
}

}  // namespace

TEST_CASE("lines of one session, time and query are one page view, its items by position") {
  const TestFolder folder;
  const Read read = read_all(folder.write("log.csv", kHeader + "s1,10,a.jpg,mug/1,2,1\n"
                                                               "s1,10,a.jpg,cup/1,1,0\n"
                                                               "s1,11,a.jpg,mug/1,1,0\n"
                                                               "s2,11,a.jpg,\"jug, blue/1\",1,true\n"));
  CHECK(read.problems.empty());
  REQUIRE(read.views.size() == 3);
  const PageView& first = read.views[0];
  CHECK(first.line == 2);
  CHECK(first.session == "s1");
  CHECK(first.time_s == 10);
  CHECK(first.query == "a.jpg");
  REQUIRE(first.items.size() == 2);
  CHECK(first.items[0].item == "cup/1");
  CHECK_FALSE(first.items[0].clicked);
  CHECK_FALSE(first.items[0].same_product);
  CHECK(first.items[1].item == "mug/1");
  CHECK(first.items[1].clicked);
  CHECK(read.views[2].line == 5);
  CHECK(read.views[2].items[0].item == "jug, blue/1");
}

TEST_CASE("columns come in any order, further ones are passed over, truth is optional") {
  const TestFolder folder;
  const Read read = read_all(
      folder.write("log.csv",
                   "clicked,colour,position,item,query,time,session,same_product\n"
                   "1,red,1,mug/1,a.jpg,2026-01-01T00:00:00Z,s,0\n1,red,2,mug/2,a.jpg,1767225600,s,\n"));
  REQUIRE(read.views.size() == 1);
  REQUIRE(read.views[0].items.size() == 2);
  CHECK(read.views[0].items[0].same_product == false);
  CHECK_FALSE(read.views[0].items[1].same_product);
}

TEST_CASE("a missing column, another name and an open quote end the reading with a clear error") {
  const TestFolder folder;
  for (const char* missing : {"session", "time", "query", "item", "position", "clicked"}) {
    std::string header = kHeader;
    header.replace(header.find(missing), std::string(missing).size(), "other");
    const std::string message = message_of(folder.write("log.csv", header), ErrorCode::kCorrupt);
    CHECK(message.find("log.csv'") != std::string::npos);
    CHECK(message.find("no column '" + std::string(missing) + "'") != std::string::npos);
  }
  CHECK(message_of(folder.write("log.csv", ""), ErrorCode::kCorrupt).find("no column 'session'") !=
        std::string::npos);
  CHECK(message_of(folder.write("log.txt", kHeader), ErrorCode::kInvalidArgument).find(".csv or .jsonl") !=
        std::string::npos);
  CHECK(message_of(folder.write("log.csv", kHeader + "s,1,\"a,b,1,1\n"), ErrorCode::kCorrupt)
            .find("never closed") != std::string::npos);
  CHECK_THROWS_AS(read_all(folder / "none.csv"), Error);
}

TEST_CASE("a malformed CSV line is reported with place, expected and found; the others count") {
  const TestFolder folder;
  struct Case {
    std::string line;
    std::string reason_part;
  };
  const std::vector<Case> cases = {{"s,1,a,b,1", "expected 6 fields, found 5"},
                                   {"s,1,a,b,1,2", "clicked: expected 0 or 1, found '2'"},
                                   {"s,1,a,b,0,1", "position: expected a whole number from 1, found '0'"},
                                   {"s,1,a,b,-1,1", "position: expected a whole number from 1, found '-1'"},
                                   {"s,1,a,b,1.5,1", "position: expected a whole number"},
                                   {"s,soon,a,b,1,1", "time: expected seconds since the epoch"},
                                   {",1,a,b,1,1", "session: expected text, found none"},
                                   {"s,1,,b,1,1", "query: expected text, found none"},
                                   {"s,1,a,,1,1", "item: expected text, found none"},
                                   {"s,1,\xFF,b,1,1", "query: expected text, found bytes that are not UTF-8"},
                                   {"s,1,x.jpg,b,1,1", "position 1 is given twice in one page view"},
                                   {"s,1,a,b\"c,1,1", "a quote inside an unquoted field"}};
  for (const Case& bad : cases) {
    INFO(bad.line);
    const Read read = read_all(
        folder.write("log.csv", kHeader + "s,1,x.jpg,mug,1,0\n" + bad.line + "\ns,1,x.jpg,cup,2,1\n"));
    REQUIRE(read.problems.size() == 1);
    CHECK(read.problems[0].path == (folder / "log.csv").string() + ":3");
    CHECK(read.problems[0].reason.find(bad.reason_part) != std::string::npos);
    REQUIRE(read.views.size() == 1);
    CHECK(read.views[0].items.size() == 2);
  }
}

TEST_CASE("JSONL has one page view a line; position defaults to the place in the list") {
  const TestFolder folder;
  const Read read = read_all(folder.write(
      "log.jsonl",
      R"({"session": "s", "time": "2026-01-01T00:00:00Z", "query": "a.jpg", "items": [)"
      R"({"item": "mug/1", "clicked": true, "same_product": true}, {"item": "cup/1", "clicked": 0}]})"
      "\n"));
  REQUIRE(read.views.size() == 1);
  const PageView& view = read.views[0];
  CHECK(view.time_s == 1767225600);
  REQUIRE(view.items.size() == 2);
  CHECK(view.items[0].same_product == true);
  CHECK(view.items[1].position == 2);
  CHECK_FALSE(view.items[1].clicked);
}

TEST_CASE("a malformed JSON line is reported; the others count") {
  const TestFolder folder;
  const std::string good =
      R"({"session": "s", "time": 1, "query": "a", "items": [{"item": "m", "clicked": true}]})"
      "\n";
  const std::string head = R"({"session": "s", "time": 1, "query": "a", "items": )";
  struct Case {
    std::string line;
    std::string reason_part;
  };
  const std::vector<Case> cases = {
      {good.substr(0, 40), "not valid JSON"},
      {"3", "expected a JSON object, found number"},
      {R"({"time": 1, "query": "a", "items": []})", "expected a field 'session', found none"},
      {R"({"session": "s", "time": [], "query": "a", "items": []})", "time: expected seconds"},
      {head + "{}}", "items: expected an array, found object"},
      {head + "[]}", "items: expected at least one, found none"},
      {head + "[1]}", "items: expected objects, found number"},
      {head + R"([{"item": "m"}]})", "expected a field 'clicked', found none"},
      {head + R"([{"item": "m", "clicked": 2}]})", "clicked: expected true or false"},
      {head + R"([{"item": "m", "clicked": true, "position": 0}]})", "position: expected a whole number"},
      {head + R"([{"item": 7, "clicked": true}]})", "item: expected a string, found number"},
      {std::string(2 << 20, ' ') + "x", "longer than 1 MiB"}};
  for (const Case& bad : cases) {
    INFO(bad.reason_part);
    const Read read = read_all(folder.write("log.jsonl", good + bad.line + "\n" + good));
    REQUIRE(read.problems.size() == 1);
    CHECK(read.problems[0].path == (folder / "log.jsonl").string() + ":2");
    CHECK(read.problems[0].reason.find(bad.reason_part) != std::string::npos);
    CHECK(read.views.size() == 2);
  }
}

TEST_CASE("a log is read as it was written, in both forms") {
  const TestFolder folder;
  const PageView view{2,
                      "s \"1\"",
                      1767225600.125,
                      "ü, x.jpg",
                      {{"mug/1", 1, true, true, false}, {"cup/1", 3, false, std::nullopt}}};
  for (const char* name : {"log.csv", "log.jsonl"}) {
    ClickLogWriter writer(folder / name);
    CHECK_FALSE(std::filesystem::exists(folder / name));
    writer.write(view);
    writer.close();
    const Read read = read_all(folder / name);
    REQUIRE(read.views.size() == 1);
    CHECK(read.views[0].session == view.session);
    CHECK(read.views[0].time_s == view.time_s);
    CHECK(read.views[0].query == view.query);
    REQUIRE(read.views[0].items.size() == 2);
    CHECK(read.views[0].items[0].same_product == true);
    CHECK(read.views[0].items[0].bought == false);
    CHECK_FALSE(read.views[0].items[1].bought);
    CHECK(read.views[0].items[1].item == "cup/1");
    CHECK(read.views[0].items[1].position == 3);
  }
}

}  // namespace vitrine::test

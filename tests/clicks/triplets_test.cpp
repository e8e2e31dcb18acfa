// SPDX-License-Identifier: MIT
#include "vitrine/triplets.h"

#include <catch2/catch.hpp>
#include <filesystem>
#include <limits>

#include "engine/test_folder.h"
#include "vitrine/error.h"

namespace vitrine::test {
namespace {

const Triplet kMug{"/photos/7.jpg", "mug/front.jpg", "mug", {"cup/1.jpg", "a/b/c/2.jpg"}, 1.25};
const Triplet kCup{"/photos/8 \"x\", ü.jpg", "cup/1.jpg", "cup", {"mug/front.jpg"}, 0.1};

ErrorCode code_of_reading(const TestFolder& folder, std::string_view text, const std::string& message_part) {
  TripletReader reader(folder.write("t.jsonl", text));
  try {
    reader.next();
  } catch (const Error& error) {
    INFO(error.what());
    CHECK(std::string(error.what()).find("t.jsonl:1'") != std::string::npos);
    CHECK(std::string(error.what()).find(message_part) != std::string::npos);
    return error.code();
  }
  return ErrorCode::kInternal;
}

}  // namespace

TEST_CASE("triplets are read as they were written") {
  const TestFolder folder;
  TripletWriter writer(folder / "t.jsonl");
  writer.write(kMug);
  writer.write(kCup);
  writer.close();
  TripletReader reader(folder / "t.jsonl");
  CHECK(reader.next() == kMug);
  CHECK(reader.next() == kCup);
  CHECK_FALSE(reader.next());
}

TEST_CASE("a triplet file appears when it is closed, not before") {
  const TestFolder folder;
  {
    TripletWriter writer(folder / "t.jsonl");
    writer.write(kMug);
  }
  CHECK(std::filesystem::is_empty(folder.path()));
}

TEST_CASE("unknown fields, blank lines, CRLF and a byte order mark are passed over") {
  const TestFolder folder;
  TripletReader reader(folder.write(
      "t.jsonl",
      "\xEF\xBB\xBF\r\n{\"query\": \"q\", \"positive\": \"p/1\", \"positive_product\": \"p\", \"x\": [],"
      "\"negatives\": [\"n/1\"], \"weight\": 2}\r\n\n"));
  CHECK(reader.next() == Triplet{"q", "p/1", "p", {"n/1"}, 2});
  CHECK_FALSE(reader.next());
}

TEST_CASE("a line that is no triplet is an error with file, line, expected and found") {
  const TestFolder folder;
  struct Case {
    std::string line;
    std::string message_part;
  };
  const std::string head = R"({"query": "q", "positive": "p/1", "positive_product": "p", )";
  const std::vector<Case> cases = {
      {"[]", "expected a JSON object, found array"},
      {head, "not valid JSON"},
      {head + R"("weight": 1})", "expected a field 'negatives', found none"},
      {head + R"("negatives": "n", "weight": 1})", "negatives: expected an array, found string"},
      {head + R"("negatives": [], "weight": 1})", "negatives: expected at least one, found none"},
      {head + R"("negatives": [3], "weight": 1})", "negatives: expected a string, found number"},
      {head + R"("negatives": ["n"]})", "expected a field 'weight', found none"},
      {head + R"("negatives": ["n"], "weight": "1"})", "weight: expected a number, found string"},
      {head + R"("negatives": ["n"], "weight": 0})", "weight: expected a number above 0, found 0"},
      {head + R"("negatives": ["n"], "weight": -2})", "weight: expected a number above 0, found -2"},
      {R"({"query": "", "positive": "p/1"})", "query: expected a string that is not empty"},
      {R"({"positive": "p/1"})", "expected a field 'query', found none"},
      {std::string(2 << 20, ' ') + "x", "longer than 1 MiB"},
      {std::string(100, '['), "nested deeper"}};
  for (const Case& bad : cases)
    CHECK(code_of_reading(folder, bad.line, bad.message_part) == ErrorCode::kCorrupt);
}

TEST_CASE("reading goes on after a bad line") {
  const TestFolder folder;
  TripletReader reader(folder.write(
      "t.jsonl",
      "{\n{\"query\": \"q\", \"positive\": \"p/1\", \"positive_product\": \"p\", \"negatives\": [\"n/1\"],"
      " \"weight\": 2}\n"));
  CHECK_THROWS_AS(reader.next(), Error);
  CHECK(reader.next()->query == "q");
}

TEST_CASE("what could not be read again is not written") {
  const TestFolder folder;
  TripletWriter writer(folder / "t.jsonl");
  Triplet bad = kMug;
  bad.query = "not UTF-8: \xFF";
  CHECK_THROWS_AS(writer.write(bad), Error);
  bad = kMug;
  bad.negatives.clear();
  CHECK_THROWS_AS(writer.write(bad), Error);
  bad = kMug;
  bad.weight = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_AS(writer.write(bad), Error);
}

TEST_CASE("a missing triplet file is reported as such") {
  const TestFolder folder;
  CHECK_THROWS_AS(TripletReader(folder / "none.jsonl"), Error);
  CHECK_THROWS_AS(TripletWriter(folder / "none/t.jsonl"), Error);
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "engine/test_folder.h"
#include "vitrine/error.h"
#include "vitrine/ingest.h"

using namespace vitrine;
using test::TestFolder;

namespace {

IngestSource read_csv(std::string_view text) {
  const TestFolder folder;
  return read_manifest(folder.write("manifest.csv", text));
}

IngestSource read_jsonl(std::string_view text) {
  const TestFolder folder;
  return read_manifest(folder.write("manifest.jsonl", text));
}

void check_refused(std::string_view name, std::string_view text, ErrorCode code) {
  const TestFolder folder;
  const auto path = folder.write(name, text);
  try {
    read_manifest(path);
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.code() == code);
    CHECK(std::string(error.what()).find(path.string()) != std::string::npos);
  }
}

/// One good line after the bad one shows that reading goes on.
void check_bad_json_line(const std::string& line) {
  INFO(line.substr(0, 80));
  const IngestSource source = read_jsonl(line + "\n{\"path\": \"ok.jpg\"}\n");
  REQUIRE(source.failures.size() == 1);
  CHECK(source.failures[0].path.ends_with("manifest.jsonl:1"));
  CHECK_FALSE(source.failures[0].reason.empty());
  REQUIRE(source.entries.size() == 1);
  CHECK(source.entries[0].key.picture == "ok.jpg");
}

}  // namespace

TEST_CASE("a CSV manifest gives keys, categories, attributes and quality columns") {
  const TestFolder folder;
  const IngestSource source = read_manifest(folder.write(
      "m.csv",
      std::string_view("path,product,picture,category,attributes,price,colour\r\n"
                       "img/1.jpg,SKU-1,front,shoes,\"{\"\"size\"\":[38,39]}\",19.5,\"red, dark\"\r\n"
                       "/abs/2.jpg,,,,,,\r\n")));
  CHECK(source.failures.empty());
  REQUIRE(source.entries.size() == 2);
  const IngestEntry& first = source.entries[0];
  CHECK(first.path == (folder / "img/1.jpg").string());
  CHECK(first.key == ItemKey{"SKU-1", "front"});
  CHECK(first.category == "shoes");
  CHECK(first.attributes_json == R"({"colour":"red, dark","size":[38,39]})");
  CHECK(first.quality == std::map<std::string, double>{{"price", 19.5}});
  const IngestEntry& second = source.entries[1];
  CHECK(second.path == "/abs/2.jpg");
  CHECK(second.key == ItemKey{"/abs/2", "/abs/2.jpg"});
  CHECK(second.attributes_json == "{}");
  CHECK(second.quality.empty());
}

TEST_CASE("a JSONL manifest gives the same") {
  const IngestSource source = read_jsonl(
      "\xEF\xBB\xBF{\"path\":\"a/"
      "1.jpg\",\"category\":\"shoes\",\"price\":7,\"tags\":[\"x\"],\"none\":null}\r\n"
      "\n"
      "{\"path\":\"a/2.jpg\",\"product\":\"P\",\"picture\":\"side\",\"attributes\":{\"b\":1}}");
  CHECK(source.failures.empty());
  REQUIRE(source.entries.size() == 2);
  CHECK(source.entries[0].key == ItemKey{"a/1", "a/1.jpg"});
  CHECK(source.entries[0].category == "shoes");
  CHECK(source.entries[0].quality.at("price") == 7);
  CHECK(source.entries[0].attributes_json == R"({"tags":["x"]})");
  CHECK(source.entries[1].key == ItemKey{"P", "side"});
  CHECK(source.entries[1].attributes_json == R"({"b":1})");
}

TEST_CASE("a column is numeric in all lines or an attribute in all") {
  const IngestSource source =
      read_csv("path,size,sku,rank\n1.jpg,38,007,1e3\n2.jpg,M,008,\n3.jpg,,009,first\n");
  REQUIRE(source.entries.size() == 3);
  CHECK(source.entries[0].attributes_json == R"({"rank":"1e3","size":"38"})");
  CHECK(source.entries[1].attributes_json == R"({"size":"M"})");
  CHECK(source.entries[0].quality == std::map<std::string, double>{{"sku", 7}});
  CHECK(source.warnings.empty());
}

TEST_CASE("numbers with blanks, a plus or no place in a double are numbers") {
  const IngestSource source = read_csv("path,a\n1.jpg, 7 \n2.jpg,+8\n3.jpg,1e-400\n4.jpg,-1.5E2\n");
  REQUIRE(source.entries.size() == 4);
  const double expected[] = {7, 8, 0, -150};
  for (std::size_t i = 0; i < 4; ++i) CHECK(source.entries[i].quality.at("a") == expected[i]);
  CHECK(source.warnings.empty());
  // Neither two signs nor a sign alone make a number.
  CHECK(read_csv("path,a\n1.jpg,+-8\n").entries.at(0).attributes_json == R"({"a":"+-8"})");
  CHECK(read_csv("path,a\n1.jpg,+\n").entries.at(0).attributes_json == R"({"a":"+"})");
}

namespace {

/// Values that mean a number, but none that can be ranked by: they count as missing, once each, and with no
/// effect on other lines.
void check_counts_as_missing(const IngestSource& source, const std::string& place, const std::string& shown) {
  INFO(shown);
  CHECK(source.failures.empty());
  REQUIRE(source.entries.size() == 2);
  CHECK(source.entries[0].quality == std::map<std::string, double>{{"price", 12.5}});
  CHECK(source.entries[1].quality.empty());
  CHECK(source.entries[1].attributes_json == "{}");
  REQUIRE(source.warnings.size() == 1);
  CHECK(source.warnings[0].path.ends_with(place));
  CHECK(source.warnings[0].reason == "column 'price': 1 of 2 values are no finite numbers, the first is '" +
                                         shown +
                                         "'; they count as missing; correct them, or leave them empty");
}

}  // namespace

TEST_CASE("values that are not finite count as missing, and the manifest's reader says where the first is") {
  for (const std::string word : {"nan", "NaN", "-nan", "inf", "-inf", "Infinity", "+inf", "1e400", "-1e400"})
    check_counts_as_missing(read_csv("path,price\n1.jpg,12.5\n2.jpg," + word + "\n"), "manifest.csv:3", word);
  for (const std::string word : {"NaN", "Infinity", "-Infinity", "1e400", "-1E+999", "nan"})
    check_counts_as_missing(
        read_jsonl("{\"path\":\"1.jpg\",\"price\":12.5}\n{\"price\" : " + word + ", \"path\":\"2.jpg\"}\n"),
        "manifest.jsonl:2", word);
  for (const std::string word : {"nan", "-Infinity"})
    check_counts_as_missing(
        read_jsonl("{\"path\":\"1.jpg\",\"price\":12.5}\n{\"path\":\"2.jpg\",\"price\":\"" + word + "\"}\n"),
        "manifest.jsonl:2", word);
}

TEST_CASE("words for no number stay what they are in texts and in columns of texts") {
  const IngestSource csv = read_csv("path,brand\n1.jpg,Inf\n2.jpg,Nan Goldin\n");
  REQUIRE(csv.entries.size() == 2);
  CHECK(csv.entries[0].attributes_json == R"({"brand":"Inf"})");
  CHECK(csv.warnings.empty());
  const IngestSource json = read_jsonl("{\"path\":\"1.jpg\",\"a\":\"\\\": NaN\",\"b\":NaN,\"b2\":1}\n");
  REQUIRE(json.entries.size() == 1);
  CHECK(json.entries[0].attributes_json == R"({"a":"\": NaN"})");
  CHECK(json.entries[0].quality == std::map<std::string, double>{{"b2", 1}});
  REQUIRE(json.warnings.size() == 1);
  CHECK(json.warnings[0].reason.find("column 'b': 1 of 1 values") == 0);
}

TEST_CASE("one odd value in ten leaves a column its numbers, two make it an attribute, and both are told") {
  std::string text = "path,price,size,code\n";
  for (int i = 0; i < 20; ++i) {
    const std::string n = std::to_string(i);
    text += n + ".jpg," + (i == 3 || i == 7 ? "n/a" : n) + "," + (i < 3 ? "one size" : n) + "," +
            (i % 2 == 0 ? n : "A" + n) + "\n";
  }
  const IngestSource source = read_csv(text);
  REQUIRE(source.entries.size() == 20);
  CHECK(source.entries[3].quality.empty());
  CHECK(source.entries[3].attributes_json == R"({"code":"A3","size":"3"})");
  CHECK(source.entries[4].quality == std::map<std::string, double>{{"price", 4}});
  REQUIRE(source.warnings.size() == 2);
  CHECK(source.warnings[0].path.ends_with("manifest.csv:5"));
  CHECK(source.warnings[0].reason.find("column 'price': 2 of 20 values are no finite numbers, the first is "
                                       "'n/a'; they count as missing") == 0);
  CHECK(source.warnings[1].path.ends_with("manifest.csv:2"));
  CHECK(source.warnings[1].reason.find(
            "column 'size': 3 of 20 values are no finite numbers, the first is "
            "'one size'; that is more than a tenth, so the column is an attribute") == 0);
}

TEST_CASE("manifest paths keep bytes that are not UTF-8") {
  const IngestSource source = read_csv("path\ncaf\xE9.jpg\n");
  REQUIRE(source.entries.size() == 1);
  CHECK(source.entries[0].path.ends_with("caf\xE9.jpg"));
  CHECK(source.entries[0].key.picture == "caf%E9.jpg");
}

TEST_CASE("of two manifest lines with one key the second is a failure that names its line") {
  const IngestSource source = read_csv("path,product,picture\n1.jpg,P,front\n2.jpg,P,front\n3.jpg,Q,front\n");
  CHECK(source.entries.size() == 2);
  REQUIRE(source.failures.size() == 1);
  CHECK(source.failures[0].path.ends_with("manifest.csv:3"));
  CHECK(source.is_complete);
}

TEST_CASE("bad CSV lines are failures and the others are read") {
  const IngestSource source = read_csv(
      "path,category,attributes\n"
      "1.jpg,a\n"                   // too few
      "2.jpg,a,{},x\n"              // too many
      ",a,{}\n"                     // no path
      "4.jpg,a,[]\n"                // attributes no object
      "5.jpg,a,{\n"                 // no JSON
      "6.jpg,caf\xE9,{}\n"          // not UTF-8
      "7\"x.jpg,a,{}\n"             // stray quote
      "\"multi\nline.jpg\",a,{}\n"  // good
      "8.jpg,a\n");
  CHECK(source.entries.size() == 1);
  REQUIRE(source.failures.size() == 8);
  for (std::size_t i = 0; i < 7; ++i)
    CHECK(source.failures[i].path.ends_with("manifest.csv:" + std::to_string(i + 2)));
  CHECK(source.failures[7].path.ends_with("manifest.csv:11"));
  CHECK_FALSE(source.is_complete);
}

TEST_CASE("a zero byte in a path is a failure") {
  const IngestSource source = read_csv(std::string_view("path\na\0b.jpg\nok.jpg\n", 19));
  CHECK(source.entries.size() == 1);
  CHECK(source.failures.size() == 1);
}

TEST_CASE("bad JSON lines are failures and the others are read") {
  check_bad_json_line("nonsense");
  check_bad_json_line("{\"path\": \"a.jpg\"");
  check_bad_json_line("[1, 2]");
  check_bad_json_line("{}");
  check_bad_json_line("{\"path\": 7}");
  check_bad_json_line("{\"path\": null}");
  check_bad_json_line("{\"path\": \"a.jpg\", \"product\": [\"p\"]}");
  check_bad_json_line("{\"path\": \"a.jpg\", \"category\": 1}");
  check_bad_json_line("{\"path\": \"a.jpg\", \"attributes\": \"{}\"}");
  check_bad_json_line("{\"path\": \"a.jpg\", \"product\": NaN}");
  check_bad_json_line("{\"path\": \"a.jpg\", \"attributes\": {\"price\": 1e999}}");
  check_bad_json_line("{\"path\": \"a.jpg\", \"price\": NaNa}");
  check_bad_json_line("{\"path\": \"a\\u0000b.jpg\"}");
  check_bad_json_line("{\"path\": \"a.jpg\", \"x\": \"\xFF\"}");
  check_bad_json_line("{\"path\": \"a.jpg\", \"x\": " + std::string(100'000, '[') + "}");
  check_bad_json_line("{\"path\": \"a.jpg\", \"x\": \"" + std::string(2'000'000, 'x') + "\"}");
}

TEST_CASE("a manifest without a path column, or whose lines cannot be told apart, is refused") {
  check_refused("m.csv", "", ErrorCode::kCorrupt);
  check_refused("m.csv", "file,category\n1.jpg,a\n", ErrorCode::kCorrupt);
  check_refused("m.csv", "path,a,a\n1.jpg,1,2\n", ErrorCode::kCorrupt);
  check_refused("m.csv", "path,\"a\"b\n1.jpg,1\n", ErrorCode::kCorrupt);
  check_refused("m.csv", "path,\xFF\n1.jpg,1\n", ErrorCode::kCorrupt);
  check_refused("m.csv", "path,a\n1.jpg,\"never closed\n2.jpg,b\n", ErrorCode::kCorrupt);
}

TEST_CASE("a file that is no manifest by its name, or does not exist, is refused") {
  check_refused("m.txt", "path\n", ErrorCode::kInvalidArgument);
  const TestFolder folder;
  try {
    read_manifest(folder / "missing.csv");
    FAIL("expected an error");
  } catch (const Error& error) {
    CHECK(error.code() == ErrorCode::kNotFound);
  }
}

TEST_CASE("a manifest with a header alone is an empty source") {
  const IngestSource source = read_csv("path\n");
  CHECK(source.entries.empty());
  CHECK(source.failures.empty());
}

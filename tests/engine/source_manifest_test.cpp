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
      read_csv("path,size,sku,rank\n1.jpg,38,007,1e3\n2.jpg,M,008,\n3.jpg,,009,nan\n");
  REQUIRE(source.entries.size() == 3);
  CHECK(source.entries[0].attributes_json == R"({"rank":"1e3","size":"38"})");
  CHECK(source.entries[1].attributes_json == R"({"size":"M"})");
  CHECK(source.entries[0].quality == std::map<std::string, double>{{"sku", 7}});
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
  check_bad_json_line("{\"path\": \"a.jpg\", \"price\": 1e999}");
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

// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <set>

#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

using Json = nlohmann::json;

std::set<std::string> keys(const Json& object) {
  std::set<std::string> names;
  for (const auto& [name, value] : object.items()) {
    names.insert(name);
  }
  return names;
}

// The schema "vitrine.result/1" as docs/cli.md states it.
void check_schema(const Json& result) {
  CHECK(keys(result) == std::set<std::string>{"schema", "query", "box", "categories", "model_categories",
                                              "search_categories", "searched_categories", "hits",
                                              "timings_ms"});
  CHECK(result["schema"] == "vitrine.result/1");
  CHECK(result["query"].is_string());
  CHECK((result["box"].is_null() || result["box"].size() == 4));
  for (const Json& category : result["categories"]) {
    CHECK(keys(category) == std::set<std::string>{"name", "probability"});
    CHECK(category["probability"].get<double>() >= 0);
  }
  std::size_t rank = 0;
  for (const Json& hit : result["hits"]) {
    CHECK(keys(hit) == std::set<std::string>{"rank", "product", "picture", "path", "category", "score",
                                             "hamming", "cosine"});
    CHECK(hit["rank"] == ++rank);
    CHECK(hit["hamming"].is_number_unsigned());
    CHECK(hit["score"].get<double>() <= 1.0001);
  }
  CHECK(keys(result["timings_ms"]) == std::set<std::string>{"decode", "embed", "filter", "hamming",
                                                            "category", "rerank", "fetch", "total"});
}

}  // namespace

TEST_CASE("the table has aligned columns under the photo's name and category") {
  const Workspace work;
  work.add_picture("shop/fruit/apple.jpg", 1);
  work.add_picture("shop/garden tools/hammer.jpg", 4);
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const ProcessResult result = work.run("vitrine-query", {"shop.vitrine", "shop/fruit/apple.jpg"});
  CHECK(result.exit_code == 0);
  const std::size_t table = result.out.find("rank  score");
  REQUIRE(table != std::string::npos);
  CHECK(result.out.find("shop/fruit/apple.jpg\n") == 0);
  const std::string rows = result.out.substr(table);
  CHECK(rows.find("rank  score  product              category      path\n"
                  "   1  1.000  fruit/apple          fruit         $W/shop/fruit/apple.jpg\n"
                  "   2  ") == 0);
  CHECK(rows.find("  garden tools/hammer  garden tools  $W/shop/garden tools/hammer.jpg\n") !=
        std::string::npos);
  CHECK(rows.find('\x1b') == std::string::npos);
}

TEST_CASE("--json is one array and --format jsonl one object a line, both of the documented schema") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const std::vector<std::string> photos = {"shop.vitrine", "shop/fruit/apple.jpg", "shop/loose.png"};
  std::vector<std::string> arguments = photos;
  arguments.insert(arguments.end(), {"--json", "--box", "4,6,20,30"});
  const Json array = Json::parse(work.run("vitrine-query", arguments).out);
  REQUIRE(array.size() == 2);
  check_schema(array[0]);
  check_schema(array[1]);
  CHECK(array[0]["query"] == "shop/fruit/apple.jpg");
  CHECK(array[0]["box"] == Json({4, 6, 24, 36}));

  arguments = photos;
  arguments.insert(arguments.end(), {"--format", "jsonl"});
  const std::string lines = work.run("vitrine-query", arguments).out;
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 2);
  const Json second = Json::parse(lines.substr(lines.find('\n')));
  check_schema(second);
  CHECK(second["query"] == "shop/loose.png");
  CHECK(second["box"].is_null());
  CHECK(second["categories"].size() == 2);
  CHECK(second["hits"].size() == 6);
  CHECK(second["hits"][0]["path"] == "$W/shop/loose.png");
}

TEST_CASE("--json without any answer is an empty array") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const ProcessResult result = work.run("vitrine-query", {"shop.vitrine", "missing.jpg", "--json"});
  CHECK(result.exit_code == 3);
  CHECK(result.out == "[]\n");
}

TEST_CASE("csv quotes commas, quotes and line breaks") {
  const Workspace work;
  work.add_picture("a.png", 1);
  write_file(work / "shop.jsonl",
             R"({"path": "a.png", "product": "Mug, \"large\"\nblue", "picture": "front", "category": "cups"})"
             "\n");
  REQUIRE(work.run("vitrine-index", {"shop.jsonl"}).exit_code == 0);
  const std::string csv = work.run("vitrine-query", {"shop.vitrine", "a.png", "--format", "csv"}).out;
  CHECK(csv.find("query,rank,score,product,picture,category,path,hamming,cosine\n"
                 "a.png,1,") == 0);
  CHECK(csv.find(",\"Mug, \"\"large\"\"\nblue\",front,cups,$W/a.png,0,") != std::string::npos);
}

TEST_CASE("paths that are not UTF-8 are raw in text and replaced in JSON") {
  const Workspace work;
  work.add_picture("shop/caf\xE9.jpg", 1);
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const std::vector<std::string> arguments = {"shop.vitrine", "shop/caf\xE9.jpg", "--format"};
  const auto with_format = [&](const std::string& format) {
    std::vector<std::string> all = arguments;
    all.push_back(format);
    return work.run("vitrine-query", all).out;
  };
  CHECK(with_format("paths") == "$W/shop/caf\xE9.jpg\n");
  CHECK(with_format("table").find("$W/shop/caf\xE9.jpg\n") != std::string::npos);
  const Json result = Json::parse(with_format("jsonl"));
  CHECK(result["query"] == "shop/caf\xEF\xBF\xBD.jpg");
  CHECK(result["hits"][0]["path"] == "$W/shop/caf\xEF\xBF\xBD.jpg");
}

}  // namespace vitrine::test

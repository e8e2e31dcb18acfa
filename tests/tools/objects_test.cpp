// SPDX-License-Identifier: MIT
// vitrine-query --objects.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tools/random_model.h"
#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

using Json = nlohmann::json;

struct DetectingShop {
  DetectingShop() {
    work.add_shop();
    write_random_model(work / "detecting.safetensors", "detecting", 5, {"fruit", "tools"}, true);
    REQUIRE(work.run("vitrine-index", {"shop", "--model", "detecting.safetensors"}).exit_code == 0);
    work.add_picture("photo.png", 9, 300);
  }
  ProcessResult query(const std::vector<std::string>& options) const {
    std::vector<std::string> arguments = {"shop.vitrine", "photo.png", "-k", "2"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    return work.run("vitrine-query", arguments);
  }
  Workspace work;
};

std::size_t count(const std::string& text, const std::string& wanted) {
  std::size_t number = 0;
  for (std::size_t at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) ++number;
  return number;
}

}  // namespace

TEST_CASE("each product of a photo has its hits, and so has the whole photo") {
  const DetectingShop shop;
  const Json answer = Json::parse(shop.query({"--objects", "3", "--json"}).out).at(0);
  CHECK(answer["box"].is_null());
  CHECK(answer["hits"].size() == 2);
  const std::size_t num_objects = answer["objects"].size();
  REQUIRE(num_objects >= 1);
  REQUIRE(num_objects <= 3);
  for (const Json& object : answer["objects"]) {
    CHECK(object["box"].size() == 4);
    CHECK(object["hits"].size() == 2);
    const std::vector<int> box = object["box"];
    const Json alone =
        Json::parse(shop.query({"--json", "--box",
                                std::to_string(box[0]) + "," + std::to_string(box[1]) + "," +
                                    std::to_string(box[2] - box[0]) + "," + std::to_string(box[3] - box[1])})
                        .out)
            .at(0);
    CHECK(object["hits"] == alone["hits"]);
  }
  CHECK(answer["hits"] == Json::parse(shop.query({"--json", "--box", "whole"}).out).at(0)["hits"]);

  const std::string csv = shop.query({"--objects", "3", "--format", "csv"}).out;
  CHECK(csv.find("query,rank,score,product,picture,category,path,hamming,cosine,object\n") == 0);
  CHECK(count(csv, ",1\n") == 2);
  CHECK(count(csv, ",0\n") == 2);
  CHECK(count(csv, "\n") == 1 + 2 * (num_objects + 1));
  CHECK(count(shop.query({"--objects", "3", "--format", "paths"}).out, "\n") == 2 * (num_objects + 1));

  const std::string table = shop.query({"--objects", "3"}).out;
  CHECK(table.find("photo.png, object 1  found at ") == 0);
  CHECK(count(table, "photo.png, whole photo\n") == 1);
  CHECK(count(table, "rank  score") == num_objects + 1);

  shop.query({"--objects", "3", "--html", "hits.html"});
  const std::string page = read_file(shop.work / "hits.html");
  CHECK(count(page, "<section") == 1);
  CHECK(count(page, "<ol class=\"hits\">") == num_objects + 1);
  CHECK(count(page, "<li class=\"hit\"") == 2 * (num_objects + 1));
  CHECK(count(page, "<span class=\"tag\" style=") == num_objects);
  CHECK(count(page, "<h3>Whole photo</h3>") == 1);
}

TEST_CASE("without --objects nothing of it shows") {
  const DetectingShop shop;
  const Json answer = Json::parse(shop.query({"--json"}).out).at(0);
  CHECK_FALSE(answer.contains("objects"));
  CHECK(answer["box"].size() == 4);
  CHECK(shop.query({"--format", "csv"}).out.find("cosine\n") != std::string::npos);
}

TEST_CASE("a model that does not look for products searches with the whole photo and says so") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const ProcessResult result =
      work.run("vitrine-query", {"shop.vitrine", "shop/loose.png", "--objects", "3", "--json", "-k", "1"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.find("the model does not look for products") != std::string::npos);
  const Json answer = Json::parse(result.out).at(0);
  CHECK(answer["objects"].empty());
  CHECK(answer["hits"].at(0)["product"] == "loose");
}

TEST_CASE("a region and several objects exclude each other") {
  const DetectingShop shop;
  CHECK(shop.query({"--objects", "3", "--box", "0,0,10,10"}).exit_code == 2);
  CHECK(shop.query({"--objects", "50"}).exit_code == 2);
  CHECK(shop.query({"--objects", "2", "--object-overlap", "1.5"}).exit_code == 2);
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>

#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

/// Twelve items, of which users click those that sell.
class SellingShop : public Workspace {
 public:
  SellingShop() {
    std::string manifest = "path,product,picture,sales\n";
    for (int i = 0; i < kNumItems; ++i) {
      add_picture("shop/" + std::to_string(i) + ".png", static_cast<std::uint64_t>(i));
      manifest += "shop/" + std::to_string(i) + ".png,p" + std::to_string(i) + ",1.png," +
                  std::to_string(i * 5 % kNumItems) + "\n";
    }
    add_picture("photo.png", 99);
    write_file(folder() / "shop.csv", manifest);
    REQUIRE(run("vitrine-index", {"shop.csv", "-o", "shop.vitrine", "-q"}).exit_code == 0);
    std::string log = "session,time,query,item,position,clicked\n";
    for (int view = 0; view < 200; ++view) {
      for (int place = 0; place < 6; ++place) {
        const int item = (view * 7 + place * (view % 5 + 1)) % kNumItems;
        log += "s" + std::to_string(view) + "," + std::to_string(view) + ",photo.png,p" +
               std::to_string(item) + "," + std::to_string(place + 1) +
               (item * 5 % kNumItems >= 6 ? ",1\n" : ",0\n");
      }
    }
    write_file(folder() / "clicks.csv", log);
  }

 private:
  static constexpr int kNumItems = 12;
};

}  // namespace

TEST_CASE("from clicks to a ranker to an explained order") {
  const SellingShop shop;
  const ProcessResult early = shop.run("vitrine-query", {"shop.vitrine", "photo.png", "--ranker"});
  CHECK(early.exit_code == 2);
  CHECK(early.err.find("has no trained ranker; vitrine-train-ranker makes one") != std::string::npos);

  const ProcessResult dry =
      shop.run("vitrine-train-ranker", {"shop.vitrine", "clicks.csv", "-q", "-n", "--json"});
  INFO(dry.err);
  REQUIRE(dry.exit_code == 0);
  const auto report = nlohmann::json::parse(dry.out);
  CHECK(report["schema"] == "vitrine.ranker/1");
  CHECK(report["views"] == 200);
  CHECK(report["target"] == "click");
  CHECK(report["features"][0]["name"] == "sales");
  CHECK(shop.run("vitrine-query", {"shop.vitrine", "photo.png", "--ranker"}).exit_code == 2);

  const ProcessResult trained =
      shop.run("vitrine-train-ranker", {"shop.vitrine", "clicks.csv", "-q", "--report", "ranker.json"});
  CHECK(trained.exit_code == 0);
  CHECK(trained.out.find("200 page views, 1200 items shown, ") == 0);
  CHECK(nlohmann::json::parse(read_file(shop / "ranker.json")) == report);

  const ProcessResult found = shop.run(
      "vitrine-query",
      {"shop.vitrine", "photo.png", "--ranker", "--strength", "1", "--max-fall", "0", "--json", "-k", "6"});
  REQUIRE(found.exit_code == 0);
  const auto answers = nlohmann::json::parse(found.out);
  for (const auto& hit : answers[0]["hits"]) CHECK(hit["quality"]["parts"][3]["value"] >= 6);
  const ProcessResult explained =
      shop.run("vitrine-query", {"shop.vitrine", "photo.png", "--ranker", "--explain", "-k", "1"});
  CHECK(explained.out.find(" by similarity; similarity ") != std::string::npos);
  CHECK(explained.out.find("; click probability ") != std::string::npos);
  CHECK(shop.run("vitrine-admin", {"shop.vitrine", "verify"}).exit_code == 0);
}

TEST_CASE("clicks that teach nothing keep no ranker") {
  const SellingShop shop;
  write_file(shop / "none.csv", "session,time,query,item,position,clicked\ns,1,photo.png,p1,1,0\n");
  const ProcessResult none = shop.run("vitrine-train-ranker", {"shop.vitrine", "none.csv", "-q"});
  CHECK(none.exit_code == 2);
  CHECK(none.err.find("vitrine-train-ranker: cannot train a ranker: ") == 0);
  const ProcessResult unknown =
      shop.run("vitrine-train-ranker", {"shop.vitrine", "clicks.csv", "-q", "--column", "sale"});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.err.find("no numeric column 'sale'; similar ones: 'sales'") != std::string::npos);
  CHECK(shop.run("vitrine-train-ranker", {"shop.vitrine", "missing.csv", "-q"}).exit_code == 3);
}

TEST_CASE("bad lines, unknown products and missing photos of a click log are told, and the others teach") {
  const SellingShop shop;
  const std::string clicks = read_file(shop / "clicks.csv");
  const auto good = nlohmann::json::parse(
      shop.run("vitrine-train-ranker", {"shop.vitrine", "clicks.csv", "-q", "-n", "--json"}).out);
  write_file(shop / "partly.csv", clicks +
                                      "this,is,no,view\n"
                                      "x,nan,photo.png,p1,1,1\n"
                                      "x,1e400,photo.png,p1,1,1\n"
                                      "x,1,photo.png,p1,nan,1\n"
                                      "x,1,photo.png,p1,1,inf\n"
                                      "y,1,gone.png,p1,1,1\n"
                                      "z,1,photo.png,nobody,1,1\n");
  const ProcessResult partly =
      shop.run("vitrine-train-ranker", {"shop.vitrine", "partly.csv", "-q", "-n", "--json"});
  CHECK(partly.exit_code == 5);
  const auto report = nlohmann::json::parse(partly.out);
  CHECK(report["views"] == 200);
  CHECK(report["unknown_items"] == 1);
  CHECK(report["features"] == good["features"]);
  REQUIRE(report["failures"].size() == 6);
  for (int i = 0; i < 5; ++i) {
    const std::string place = report["failures"][i]["path"];
    CHECK(place.ends_with("partly.csv:" + std::to_string(1202 + i)));
  }
  CHECK(report["failures"][1]["reason"].get<std::string>().find("found 'nan'") != std::string::npos);
  CHECK(report["failures"][2]["reason"].get<std::string>().find("found '1e400'") != std::string::npos);
  CHECK(report["failures"][5]["path"].get<std::string>().ends_with("gone.png"));
}

TEST_CASE("odd values in a column are told by vitrine-index, and the ranker takes them for missing") {
  const SellingShop shop;
  std::string manifest = read_file(shop / "shop.csv");
  manifest.replace(manifest.find("p3,1.png,3"), 10, "p3,1.png,nan");
  write_file(shop / "shop.csv", manifest);
  const ProcessResult indexed = shop.run("vitrine-index", {"shop.csv", "-o", "shop.vitrine", "-q", "--json"});
  CHECK(indexed.exit_code == 0);
  const auto summary = nlohmann::json::parse(indexed.out);
  CHECK(summary["modified"] == 1);
  REQUIRE(summary["warnings"].size() == 1);
  const std::string place = summary["warnings"][0]["path"];
  const std::string reason = summary["warnings"][0]["reason"];
  CHECK(place.ends_with("shop.csv:5"));
  CHECK(reason.find("column 'sales': 1 of 12 values are no finite numbers, the first is 'nan'") == 0);
  CHECK(indexed.err == "vitrine-index: " + place + ": " + reason + "\n");

  REQUIRE(shop.run("vitrine-train-ranker", {"shop.vitrine", "clicks.csv", "-q"}).exit_code == 0);
  const ProcessResult found =
      shop.run("vitrine-query", {"shop.vitrine", "photo.png", "--ranker", "--json", "-k", "12"});
  CHECK(found.err.empty());
  int num_missing = 0;
  const auto answers = nlohmann::json::parse(found.out);
  for (const auto& hit : answers[0]["hits"])
    num_missing += hit["quality"]["parts"][3]["value"].is_null() ? 1 : 0;
  CHECK(num_missing == 1);
  CHECK(shop.run("vitrine-admin", {"shop.vitrine", "verify"}).exit_code == 0);

  // All texts: the catalogue still knows the column, but no item has a number.
  for (std::size_t line = manifest.find('\n'); line + 1 < manifest.size();
       line = manifest.find('\n', line + 1))
    manifest.insert(manifest.find('\n', line + 1), "?");
  write_file(shop / "shop.csv", manifest);
  REQUIRE(shop.run("vitrine-index", {"shop.csv", "-o", "shop.vitrine", "-q"}).exit_code == 0);
  for (const std::string way : {"--ranker", "--quality=sales"}) {
    const ProcessResult blind = shop.run("vitrine-query", {"shop.vitrine", "photo.png", way});
    CHECK(blind.exit_code == 0);
    CHECK(blind.err ==
          "vitrine-query: no hit has a number in 'sales', so that it did not change their order\n");
  }
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

class EvaluatedShop : public Workspace {
 public:
  EvaluatedShop() {
    add_shop();
    write_file(folder() / "queries.csv",
               "path,product,category\n"
               "shop/fruit/apple.jpg,fruit/apple,fruit\n"
               "shop/fruit/pear.png,fruit/pear,fruit\n"
               "shop/tools/saw.png,tools/saw,tools\n");
    REQUIRE(run("vitrine-index", {"shop"}).exit_code == 0);
  }
};

}  // namespace

TEST_CASE("photos of the catalogue itself are all found first, with every ranking") {
  const EvaluatedShop shop;
  const ProcessResult result = shop.run("vitrine-eval", {"shop.vitrine", "queries.csv"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  CHECK(result.out.find("3 photos evaluated, 0 skipped") == 0);
  const std::string perfect = "100.0 (100.0-100.0)";
  for (const std::string ranking : {"float", "code", "code + re-rank"}) {
    CHECK(result.out.find("\n" + ranking + std::string(16 - ranking.size(), ' ') + perfect) !=
          std::string::npos);
  }
}

TEST_CASE("--json has the same figures, equal for equal seeds") {
  const EvaluatedShop shop;
  const auto evaluate = [&] {
    auto object = nlohmann::json::parse(
        shop.run("vitrine-eval", {"shop.vitrine", "queries.csv", "--json", "--seed", "7"}).out);
    CHECK(object["latencies_ms"]["embed"]["p50"].is_number());
    object.erase("latencies_ms");
    return object;
  };
  const auto object = evaluate();
  CHECK(object["schema"] == "vitrine.evaluation/1");
  CHECK(object["evaluated"] == 3);
  CHECK(object["with_category"] == 3);
  CHECK(object["category_accuracy"]["value"].is_number());
  REQUIRE(object["rankings"].size() == 3);
  CHECK(object["rankings"][0]["name"] == "float");
  CHECK(object["rankings"][0]["recall"][0] ==
        nlohmann::json({{"k", 1}, {"value", 1.0}, {"low", 1.0}, {"high", 1.0}}));
  CHECK(object == evaluate());
}

TEST_CASE("photos that cannot be used are listed and the others are evaluated") {
  const EvaluatedShop shop;
  write_file(shop / "queries.csv",
             "product,path\n"
             "fruit/apple,shop/fruit/apple.jpg\n"
             "fruit/pear\n"
             "fruit/unknown,shop/fruit/pear.png\n"
             "fruit/plum,missing.jpg\n"
             "fruit/plum,\n"
             ",shop/fruit/plum.png\n");
  const ProcessResult result =
      shop.run("vitrine-eval", {"shop.vitrine", "queries.csv", "--errors", "skipped.tsv"});
  CHECK(result.exit_code == 4);
  CHECK(result.out.find("1 photos evaluated, 5 skipped") == 0);
  CHECK(result.err.find("vitrine-eval: queries.csv:3: expected 2 fields, found 1\n") == 0);
  const std::string skipped = read_file(shop / "skipped.tsv");
  CHECK(std::count(skipped.begin(), skipped.end(), '\n') == 5);
  CHECK(skipped.find("the catalogue has no product 'fruit/unknown'\n") != std::string::npos);
  CHECK(skipped.find("missing.jpg\tcannot open '") != std::string::npos);
  CHECK(skipped.find("queries.csv:6\tno path\n") != std::string::npos);
  CHECK(skipped.find("queries.csv:7\tno product\n") != std::string::npos);
}

TEST_CASE("where no photo can be evaluated there are no figures, which would read as bad ones") {
  const EvaluatedShop shop;
  const std::string header = "path,product\n";
  for (const std::string line : {"", "missing.png,fruit/apple\n", "shop/fruit/pear.png,fruit/unknown\n"}) {
    write_file(shop / "queries.csv", header + line);
    const ProcessResult result =
        shop.run("vitrine-eval", {"shop.vitrine", "queries.csv", "--compare", "shop.vitrine"});
    CHECK(result.exit_code == 1);
    CHECK(result.out == "0 photos evaluated, " + std::string(line.empty() ? "0" : "1") +
                            " skipped\n\nno photo was evaluated with both catalogues\n");
    CHECK(result.err.ends_with("vitrine-eval: no photo could be evaluated\n"));
  }
}

TEST_CASE("--limit takes the first photos and --root tells where they lie") {
  const EvaluatedShop shop;
  std::filesystem::create_directory(shop / "lists");
  std::filesystem::rename(shop / "queries.csv", shop / "lists/queries.csv");
  const ProcessResult limited =
      shop.run("vitrine-eval", {"shop.vitrine", "lists/queries.csv", "--root", ".", "--limit", "2"});
  CHECK(limited.exit_code == 0);
  CHECK(limited.out.find("2 photos evaluated") == 0);
  const ProcessResult elsewhere = shop.run("vitrine-eval", {"shop.vitrine", "lists/queries.csv"});
  CHECK(elsewhere.exit_code == 1);
}

TEST_CASE("a list without the columns path and product is refused") {
  const EvaluatedShop shop;
  write_file(shop / "queries.csv", "photo,product\na,b\n");
  const ProcessResult result = shop.run("vitrine-eval", {"shop.vitrine", "queries.csv"});
  CHECK(result.exit_code == 3);
  CHECK(result.err ==
        "vitrine-eval: 'queries.csv' has no column 'path' in its first line; expected "
        "path,product[,category]\n");
  CHECK(shop.run("vitrine-eval", {"shop.vitrine", "none.csv"}).exit_code == 3);
}

TEST_CASE("boxes of the list are compared with those found") {
  const EvaluatedShop shop;
  write_file(shop / "queries.csv",
             "path,product,x0,y0,x1,y1\n"
             "shop/fruit/apple.jpg,fruit/apple,0,0,24,48\n"
             "shop/fruit/pear.png,fruit/pear,,,,\n"
             "shop/fruit/pear.png,fruit/pear,5,5,5,9\n"
             "shop/fruit/pear.png,fruit/pear,1,2,3,4px\n");
  const ProcessResult result = shop.run("vitrine-eval", {"shop.vitrine", "queries.csv", "--json"});
  CHECK(result.exit_code == 4);
  CHECK(result.err.find("queries.csv:4: expected a box x0 < x1, y0 < y1") != std::string::npos);
  CHECK(result.err.find("queries.csv:5: expected a whole number of pixels in column 'y1', found '4px'") !=
        std::string::npos);
  const auto object = nlohmann::json::parse(result.out);
  CHECK(object["evaluated"] == 2);
  CHECK(object["boxes"]["photos"] == 1);
  CHECK(object["boxes"]["mean_iou"]["value"] == 0.5);
}

TEST_CASE("--compare tells what differs between two catalogues, and --html shows it") {
  const EvaluatedShop shop;
  // The second catalogue has every picture under another product.
  std::filesystem::create_directories(shop / "other/fruit");
  std::filesystem::create_directories(shop / "other/tools");
  std::filesystem::copy(shop / "shop/fruit/pear.png", shop / "other/fruit/apple.png");
  std::filesystem::copy(shop / "shop/fruit/apple.jpg", shop / "other/fruit/pear.jpg");
  std::filesystem::copy(shop / "shop/fruit/plum.jpg", shop / "other/tools/saw.jpg");
  REQUIRE(shop.run("vitrine-index", {"other"}).exit_code == 0);
  const std::vector<std::string> command = {"shop.vitrine",  "queries.csv", "--compare",
                                            "other.vitrine", "--html",      "page.html"};
  const ProcessResult result = shop.run("vitrine-eval", command);
  INFO(result.err);
  CHECK(result.exit_code == 0);
  CHECK(result.out.find("other.vitrine against shop.vitrine  (3 photos") != std::string::npos);
  CHECK(result.out.find("worse") != std::string::npos);
  const std::string page = read_file(shop / "page.html");
  CHECK(page.find("Compared with other.vitrine") != std::string::npos);
  CHECK(page.find("class=\"curve\"") != std::string::npos);
  const ProcessResult reversed = shop.run("vitrine-eval", {"other.vitrine", "queries.csv", "--compare",
                                                           "shop.vitrine", "--html", "page.html", "--json"});
  const auto object = nlohmann::json::parse(reversed.out);
  CHECK(object["comparison"]["photos"] == 3);
  CHECK(object["comparison"]["differences"][0]["figure"] == "recall @1");
  CHECK(object["comparison"]["differences"][0]["certain"] == true);
  CHECK(object["other"]["evaluated"] == 3);
  CHECK(read_file(shop / "page.html").find("Worst answers") != std::string::npos);
}

}  // namespace vitrine::test

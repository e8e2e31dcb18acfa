// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

using Json = nlohmann::json;

/// Ten pictures each of two categories, and photos of both that are not in the shop.
class CategoryShop : public Workspace {
 public:
  CategoryShop() {
    for (std::uint64_t i = 0; i < 10; ++i) {
      add_picture("shop/fruit/" + std::to_string(i) + ".png", 1 + i);
      add_picture("shop/tools/" + std::to_string(i) + ".png", 101 + i);
    }
    add_picture("photos/a.png", 50);
    add_picture("photos/b.png", 150);
    write_file(*this / "photos.csv", "path,category\nphotos/a.png,fruit\nphotos/b.png,tools\n");
    REQUIRE(run("vitrine-index", {"shop"}).exit_code == 0);
  }
  ProcessResult fit(std::vector<std::string> more = {}) const {
    more.insert(more.begin(), {"shop.vitrine", "fit-categories"});
    return run("vitrine-admin", more);
  }
};

}  // namespace

TEST_CASE("fit-categories learns from the catalogue's own items or from photos") {
  const CategoryShop shop;
  const ProcessResult text = shop.fit();
  CHECK(text.exit_code == 0);
  CHECK(text.out.find("fitted on          20 pictures\nright              model ") == 0);
  CHECK(text.out.find("\nlambda ") != std::string::npos);

  const ProcessResult json = shop.fit({"--validation", "photos.csv", "--json"});
  CHECK(json.exit_code == 0);
  const Json fit = Json::parse(json.out);
  CHECK(fit["schema"] == "vitrine.category_fit/1");
  CHECK(fit["samples"] == 2);
  CHECK(fit["unknown"] == 0);
  CHECK(fit["alpha"].get<double>() > 0);
  CHECK(fit["failures"].empty());

  const ProcessResult info = shop.run("vitrine-admin", {"shop.vitrine", "info"});
  CHECK(info.out.find("predicted by  a fit on 2 pictures\n") != std::string::npos);
  CHECK(info.out.find("up to date") != std::string::npos);
  CHECK(shop.run("vitrine-admin", {"shop.vitrine", "verify"}).exit_code == 0);
}

TEST_CASE("fit-categories says what is missing") {
  const CategoryShop shop;
  write_file(shop / "strange.csv", "path,category\nphotos/a.png,furniture\n");
  const ProcessResult strange = shop.fit({"--validation", "strange.csv"});
  CHECK(strange.exit_code == 2);
  CHECK(strange.err.find("none has a category that the model or the catalogue knows") != std::string::npos);
  write_file(shop / "partly.csv", "path,category\nphotos/a.png,fruit\nphotos/gone.png,tools\n");
  const ProcessResult partly = shop.fit({"--validation", "partly.csv"});
  CHECK(partly.exit_code == 5);
  CHECK(partly.err.find("gone.png") != std::string::npos);
  CHECK(shop.fit({"--validation", "missing.csv"}).exit_code == 3);
}

TEST_CASE("vitrine-classify prints three opinions") {
  const CategoryShop shop;
  const ProcessResult before = shop.run("vitrine-classify", {"shop.vitrine", "photos/a.png"});
  CHECK(before.exit_code == 0);
  CHECK(before.out.find("photos/a.png\nmodel ") == 0);
  CHECK(before.err.find("fit-categories") != std::string::npos);

  REQUIRE(shop.fit().exit_code == 0);
  const ProcessResult after =
      shop.run("vitrine-classify", {"shop.vitrine", "photos/a.png", "photos/b.png", "--json", "-k", "1"});
  CHECK(after.exit_code == 0);
  CHECK(after.err.empty());
  std::istringstream lines(after.out);
  std::string line;
  REQUIRE(std::getline(lines, line));
  const Json first = Json::parse(line);
  CHECK(first["schema"] == "vitrine.classification/1");
  CHECK(first["path"] == "photos/a.png");
  CHECK(first["fitted"] == true);
  CHECK(first["box"].is_null());
  for (const char* opinion : {"model", "search", "fused"}) {
    REQUIRE(first[opinion].size() == 1);
    CHECK(first[opinion][0]["probability"].get<double>() <= 1);
  }
  REQUIRE(std::getline(lines, line));
  CHECK(Json::parse(line)["path"] == "photos/b.png");
}

TEST_CASE("vitrine-classify tells photos that it cannot read and a shop that changed") {
  const CategoryShop shop;
  REQUIRE(shop.fit().exit_code == 0);
  write_file(shop / "text.jpg", "no picture");
  CHECK(shop.run("vitrine-classify", {"shop.vitrine", "text.jpg"}).exit_code == 3);
  CHECK(shop.run("vitrine-classify", {"shop.vitrine", "text.jpg", "photos/a.png"}).exit_code == 4);
  CHECK(shop.run("vitrine-classify", {"shop.vitrine"}).exit_code == 2);
  shop.add_picture("shop/boots/1.png", 300);
  REQUIRE(shop.run("vitrine-index", {"shop"}).exit_code == 0);
  const ProcessResult changed = shop.run("vitrine-classify", {"shop.vitrine", "photos/a.png"});
  CHECK(changed.exit_code == 0);
  CHECK(changed.err.find("1 category is new since the fit (boots)") != std::string::npos);
}

TEST_CASE("vitrine-query keeps to the likely categories after a fit, unless told otherwise") {
  const CategoryShop shop;
  const auto searched = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"shop.vitrine", "shop/fruit/3.png", "--json", "-k", "3"});
    const ProcessResult result = shop.run("vitrine-query", options);
    REQUIRE(result.exit_code == 0);
    return Json::parse(result.out)[0]["searched_categories"];
  };
  CHECK(searched({}).empty());
  REQUIRE(shop.fit().exit_code == 0);
  CHECK(searched({"--category-mass", "0"}).size() == 1);
  CHECK(searched({"--all-categories"}).empty());
  CHECK(searched({"--category", "tools"}).empty());
  CHECK(shop.run("vitrine-query", {"shop.vitrine", "photos/a.png", "--category", "tools", "--all-categories"})
            .exit_code == 2);
}

}  // namespace vitrine::test

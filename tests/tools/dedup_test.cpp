// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tools/workspace.h"

namespace vitrine::test {

TEST_CASE("vitrine-dedup prints groups, paths and a page") {
  const Workspace shop;
  shop.add_shop();
  std::filesystem::copy_file(shop / "shop/tools/saw.png", shop / "shop/fruit/saw.png");
  REQUIRE(shop.run("vitrine-index", {"shop"}).exit_code == 0);

  const ProcessResult json = shop.run("vitrine-dedup", {"shop.vitrine", "--format", "json", "-q"});
  REQUIRE(json.exit_code == 0);
  const auto group = nlohmann::json::parse(json.out);
  CHECK(group["schema"] == "vitrine.duplicates/1");
  REQUIRE(group["pictures"].size() == 2);
  CHECK(group["pictures"][0]["keep"] == true);
  CHECK(group["pictures"][1]["same_file"] == true);

  const ProcessResult paths =
      shop.run("vitrine-dedup", {"shop.vitrine", "--format", "paths", "-0", "-q", "--html", "page.html"});
  CHECK(paths.exit_code == 0);
  CHECK(paths.out.substr(paths.out.size() - 8) == std::string("saw.png\0", 8));
  CHECK(std::filesystem::file_size(shop / "page.html") > 5000);
}

TEST_CASE("vitrine-query --hide-duplicates shows one hit of nearly the same pictures, and others instead") {
  const Workspace shop;
  shop.add_shop();
  for (const std::string copy : {"shop/fruit/saw.png", "shop/saw again.png"})
    std::filesystem::copy_file(shop / "shop/tools/saw.png", shop / copy);
  REQUIRE(shop.run("vitrine-index", {"shop"}).exit_code == 0);
  const auto query = [&](std::vector<std::string> options) {
    options.insert(options.begin(), {"shop.vitrine", "shop/tools/saw.png", "--format", "paths"});
    return shop.run("vitrine-query", options);
  };
  const auto num_lines = [](const std::string& text) { return std::count(text.begin(), text.end(), '\n'); };
  const auto num_saws = [](const std::string& text) {
    int count = 0;
    for (std::size_t at = text.find("saw"); at != std::string::npos; at = text.find("saw", at + 1)) ++count;
    return count;
  };
  const std::string all = query({"-k", "4"}).out;
  CHECK(num_lines(all) == 4);
  CHECK(num_saws(all) == 3);
  const ProcessResult distinct = query({"-k", "4", "--hide-duplicates"});
  CHECK(distinct.exit_code == 0);
  CHECK(distinct.err.empty());
  CHECK(num_lines(distinct.out) == 4);
  CHECK(num_saws(distinct.out) == 1);
  CHECK(distinct.out.substr(0, distinct.out.find('\n')) == all.substr(0, all.find('\n')));
  CHECK(num_lines(query({"-k", "20", "--hide-duplicates"}).out) == 6);
  // An item's own copies are hits of each other, though it is none itself.
  const ProcessResult item = shop.run("vitrine-query", {"shop.vitrine", "--id", "tools/saw/tools/saw.png",
                                                        "--format", "paths", "--hide-duplicates"});
  CHECK(num_saws(item.out) == 1);
  const ProcessResult objects = query({"--objects", "2", "--hide-duplicates"});
  CHECK(objects.exit_code == 2);
  CHECK(objects.out.empty());
  CHECK(objects.err.find("--hide-duplicates goes with one search a photo") != std::string::npos);
}

TEST_CASE("vitrine-dedup without duplicates, and without sense") {
  const Workspace shop;
  shop.add_shop();
  REQUIRE(shop.run("vitrine-index", {"shop"}).exit_code == 0);
  const ProcessResult none = shop.run("vitrine-dedup", {"shop.vitrine", "-q"});
  CHECK(none.exit_code == 1);
  CHECK(none.out.empty());
  CHECK(none.err == "vitrine-dedup: no duplicates\n");
  CHECK(shop.run("vitrine-dedup", {"shop.vitrine", "-0"}).exit_code == 2);
  CHECK(shop.run("vitrine-dedup", {"shop.vitrine", "--prefer", "sales"}).exit_code == 2);
  CHECK(shop.run("vitrine-dedup", {"nothing.vitrine"}).exit_code == 3);
}

}  // namespace vitrine::test

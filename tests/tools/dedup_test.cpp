// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <filesystem>
#include <nlohmann/json.hpp>

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

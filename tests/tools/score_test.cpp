// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

/// Four products of three pictures each.
class ManyPictures : public Workspace {
 public:
  ManyPictures() {
    std::string list = "path,product\n";
    for (int i = 0; i < 12; ++i) {
      const std::string name = "p" + std::to_string(i) + ".png";
      add_picture(name, static_cast<std::uint64_t>(i) + 1);
      list += name + ",product " + std::to_string(i / 3) + "\n";
    }
    write_file(folder() / "list.csv", list);
    REQUIRE(run("vitrine-index", {"list.csv", "-o", "shop.vitrine"}).exit_code == 0);
  }
};

}  // namespace

TEST_CASE("after fit-scores, hits tell how probable it is that they are the same product") {
  const ManyPictures shop;
  const auto hits = [&] {
    return nlohmann::json::parse(
        shop.run("vitrine-query", {"shop.vitrine", "p0.png", "--json"}).out)[0]["hits"];
  };
  CHECK_FALSE(hits()[0].contains("probability"));
  const ProcessResult fitted = shop.run("vitrine-admin", {"shop.vitrine", "fit-scores", "--json"});
  INFO(fitted.err);
  REQUIRE(fitted.exit_code == 0);
  const auto fit = nlohmann::json::parse(fitted.out);
  CHECK(fit["schema"] == "vitrine.score_fit/1");
  CHECK(fit["queries"] == 12);
  CHECK(fit["hits"].get<int>() > 0);
  double before = 1;
  for (const auto& hit : hits()) {
    const double probability = hit.at("probability");
    CHECK(probability >= 0);
    CHECK(probability <= before);
    before = probability;
  }
  const ProcessResult table = shop.run("vitrine-query", {"shop.vitrine", "p0.png"});
  CHECK(table.out.find("same") != std::string::npos);
  CHECK(shop.run("vitrine-admin", {"shop.vitrine", "verify"}).exit_code == 0);
}

TEST_CASE("fit-scores says what is missing") {
  const ManyPictures shop;
  write_file(shop / "photos.csv", "path,product\np0.png,nothing\n");
  const ProcessResult result =
      shop.run("vitrine-admin", {"shop.vitrine", "fit-scores", "--validation", "photos.csv"});
  CHECK(result.exit_code == 2);
  CHECK(result.err.find("none of 1 photos shows a product of the catalogue") != std::string::npos);
}

}  // namespace vitrine::test

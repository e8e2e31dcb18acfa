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
  CHECK(fit["products"]["first"]["hits"] == 12);
  CHECK(fit["products"]["behind"]["hits"] == 12 * 3);
  double before = 1;
  for (const auto& hit : hits()) {
    const double probability = hit.at("probability");
    CHECK(probability >= 0);
    CHECK(probability <= before);
    before = probability;
  }
  const auto products = nlohmann::json::parse(
      shop.run("vitrine-query", {"shop.vitrine", "p0.png", "--products", "--json"}).out)[0]["hits"];
  REQUIRE(products.size() == 4);
  for (const auto& hit : products) CHECK(hit.at("probability").is_number());
  CHECK(
      shop.run("vitrine-admin", {"shop.vitrine", "fit-scores"}).out.find("\n  first hits       12 hits, ") !=
      std::string::npos);
  const ProcessResult table = shop.run("vitrine-query", {"shop.vitrine", "p0.png"});
  CHECK(table.out.find("same") != std::string::npos);
  CHECK(shop.run("vitrine-admin", {"shop.vitrine", "verify"}).exit_code == 0);
}

TEST_CASE("optimize measures how many candidates searches need, and info tells it") {
  const ManyPictures shop;
  CHECK(shop.run("vitrine-admin", {"shop.vitrine", "info"}).out.find("candidates") == std::string::npos);
  const ProcessResult optimized = shop.run("vitrine-admin", {"shop.vitrine", "optimize", "--json"});
  INFO(optimized.err);
  REQUIRE(optimized.exit_code == 0);
  const auto report = nlohmann::json::parse(optimized.out);
  CHECK(report["candidates"]["items"] == 12);
  CHECK(report["candidates"]["neighbors"] == 10);
  CHECK(report["candidates"]["queries"] == 12);
  CHECK(report["candidates"]["target_share"] == 0.99);
  CHECK(report["candidates"]["count"] >= 10);
  CHECK(report["search_index"]["up_to_date"] == true);
  const std::string info = shop.run("vitrine-admin", {"shop.vitrine", "info"}).out;
  CHECK(info.find("\ncandidates    " + std::to_string(report["candidates"]["count"].get<int>()) +
                  " nearest codes have ") != std::string::npos);
  CHECK(info.find("most alike items (target 99.0 %)\n") != std::string::npos);
  CHECK(shop.run("vitrine-admin", {"shop.vitrine", "verify"}).exit_code == 0);
  // Three times as many items want another count.
  std::string list = "path,product\n";
  for (int i = 0; i < 40; ++i)
    list += "p" + std::to_string(i % 12) + ".png,other " + std::to_string(i) + "\n";
  write_file(shop / "others.csv", list);
  REQUIRE(shop.run("vitrine-index", {"others.csv", "-o", "shop.vitrine"}).exit_code == 0);
  CHECK(shop.run("vitrine-admin", {"shop.vitrine", "info"})
            .out.find("\ncandidates    measured when there were 12 items; optimize measures anew\n") !=
        std::string::npos);
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

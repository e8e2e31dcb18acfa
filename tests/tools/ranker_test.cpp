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
      "vitrine-query", {"shop.vitrine", "photo.png", "--ranker", "--strength", "1", "--json", "-k", "6"});
  REQUIRE(found.exit_code == 0);
  for (const auto& hit : nlohmann::json::parse(found.out)[0]["hits"])
    CHECK(hit["quality"]["parts"][3]["value"] >= 6);
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
  write_file(shop / "partly.csv", read_file(shop / "clicks.csv") + "this,is,no,view\n");
  CHECK(shop.run("vitrine-train-ranker", {"shop.vitrine", "partly.csv", "-q", "-n"}).exit_code == 5);
}

}  // namespace vitrine::test

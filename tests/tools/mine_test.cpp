// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tools/clicked_shop.h"
#include "tools/text_file.h"
#include "vitrine/triplets.h"

namespace vitrine::test {
TEST_CASE("from labelled photos to clicks to triplets") {
  const ClickedShop shop;
  const ProcessResult simulated = shop.simulate("clicks.csv", {"--views", "10"});
  CHECK(simulated.err.empty());
  REQUIRE(simulated.exit_code == 0);
  CHECK(simulated.out.find("clicks.csv: 360 page views, ") == 0);

  const ProcessResult mined =
      shop.mine("clicks.csv", {"--json", "--report", "mine.html", "--dropped", "dropped.jsonl"});
  INFO(mined.err);
  REQUIRE(mined.exit_code == 0);
  const auto summary = nlohmann::json::parse(mined.out);
  CHECK(summary["schema"] == "vitrine.mining/1");
  CHECK(summary["page_views"] == 360);
  const double clicks_after =
      summary["clicks_after"]["right"].get<double>() / summary["clicks_after"]["known"].get<double>();
  CHECK(clicks_after > 0.9);

  std::size_t num_triplets = 0;
  TripletReader reader(shop / "triplets.jsonl");
  while (const std::optional<Triplet> triplet = reader.next()) {
    ++num_triplets;
    CHECK(triplet->query.find((shop / "photos").string()) == 0);
    CHECK(triplet->positive_product.find("listing-") == 0);
  }
  CHECK(summary["triplets"] == num_triplets);

  std::uint64_t num_dropped = 0;
  for (const auto& [reason, count] : summary["dropped"].items()) num_dropped += count.get<std::uint64_t>();
  const std::string dropped = read_file(shop / "dropped.jsonl");
  CHECK(static_cast<std::uint64_t>(std::count(dropped.begin(), dropped.end(), '\n')) == num_dropped);
  const std::string page = read_file(shop / "mine.html");
  CHECK(page.find("gamma = ") != std::string::npos);
  CHECK(page.find("nan") == std::string::npos);
}

TEST_CASE("equal seeds give equal logs in both forms, and both give the same triplets") {
  const ClickedShop shop;
  REQUIRE(shop.simulate("a.csv", {"--seed", "3", "--views", "8"}).exit_code == 0);
  REQUIRE(shop.simulate("b.csv", {"--seed", "3", "--views", "8", "-t", "1"}).exit_code == 0);
  CHECK(read_file(shop / "a.csv") == read_file(shop / "b.csv"));
  REQUIRE(shop.simulate("a.jsonl", {"--seed", "3", "--views", "8"}).exit_code == 0);
  REQUIRE(shop.mine("a.csv").exit_code == 0);
  const std::string from_csv = read_file(shop / "triplets.jsonl");
  REQUIRE(shop.mine("a.jsonl").exit_code == 0);
  CHECK(read_file(shop / "triplets.jsonl") == from_csv);
}

TEST_CASE("malformed lines are listed and the rest is mined") {
  const ClickedShop shop;
  REQUIRE(shop.simulate("clicks.csv", {"--views", "8"}).exit_code == 0);
  write_file(shop / "clicks.csv", read_file(shop / "clicks.csv") + "cut,off");
  const ProcessResult result = shop.mine("clicks.csv");
  CHECK(result.exit_code == 5);
  CHECK(result.err.find("expected 8 fields, found 2") != std::string::npos);
  CHECK(std::filesystem::exists(shop / "triplets.jsonl"));
}

TEST_CASE("logs that cannot be mined are refused, and nothing is written") {
  const ClickedShop shop;
  write_file(shop / "bad.csv", "session,time,query,item,clicked\n");
  const ProcessResult bad = shop.mine("bad.csv");
  CHECK(bad.exit_code == 3);
  CHECK(
      bad.err ==
      "vitrine-mine: cannot read the click log 'bad.csv': its first line has no column 'position'; expected "
      "session,time,query,item,position,clicked[,same_product][,bought]\n");
  write_file(shop / "quiet.csv",
             "session,time,query,item,position,clicked\ns,1,photos/0-0.png,listing-0-0,1,0\n");
  const ProcessResult quiet = shop.mine("quiet.csv");
  CHECK(quiet.exit_code == 1);
  CHECK(quiet.err.find("the log has no click") != std::string::npos);
  write_file(shop / "short.csv",
             "session,time,query,item,position,clicked\ns,1,photos/0-0.png,listing-0-0,1,1\n");
  const ProcessResult too_short = shop.mine("short.csv");
  CHECK(too_short.exit_code == 2);
  CHECK(too_short.err.find("give it by --epsilon") != std::string::npos);
  CHECK(shop.mine("none.csv").exit_code == 3);
  CHECK_FALSE(std::filesystem::exists(shop / "triplets.jsonl"));
}

TEST_CASE("a simulation that cannot be done says why") {
  const ClickedShop shop;
  const ProcessResult odd = shop.run("vitrine-simulate-clicks", {"photos.csv", "--catalog", "shop.vitrine",
                                                                 "-o", "c.csv", "--identity", "colour"});
  CHECK(odd.exit_code == 2);
  CHECK(odd.err.find("has no text attribute 'colour'") != std::string::npos);
  const ProcessResult alone =
      shop.run("vitrine-simulate-clicks", {"photos.csv", "--catalog", "shop.vitrine", "-o", "c.csv"});
  CHECK(alone.exit_code == 2);  // no listing is called like a thing
  CHECK(alone.err.find("expected pages that show the product of their photo") != std::string::npos);
  CHECK_FALSE(std::filesystem::exists(shop / "c.csv"));
}

}  // namespace vitrine::test

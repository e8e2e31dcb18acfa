// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "tools/clicked_shop.h"
#include "tools/text_file.h"
#include "vitrine/ingest.h"

namespace vitrine::test {

TEST_CASE("from clicks to a list that training reads") {
  const ClickedShop shop;
  REQUIRE(shop.simulate("clicks.csv", {"--views", "10"}).exit_code == 0);
  const ProcessResult grouped =
      shop.group("clicks.csv", {"--json", "--report", "groups.html", "--dropped", "dropped.jsonl"});
  INFO(grouped.err);
  REQUIRE(grouped.exit_code == 0);
  CHECK(grouped.err.empty());
  const auto summary = nlohmann::json::parse(grouped.out);
  CHECK(summary["schema"] == "vitrine.grouping/1");
  CHECK(summary["page_views"] == 360);
  const auto share = [&](const char* name) {
    return summary[name]["right"].get<double>() / summary[name]["known"].get<double>();
  };
  CHECK(share("grouped_pairs") > 0.95);
  CHECK(share("grouped_pairs") > share("clicked_pairs") + 0.1);

  // Each group is named after a listing; what a picture shows is in its own name.
  const IngestSource list = read_manifest(shop / "list.csv");
  CHECK(list.failures.empty());
  CHECK(list.entries.size() == summary["pictures"]);
  std::map<std::string, std::map<char, int>> things_of;
  std::set<std::string> paths;
  std::size_t num_validation = 0;
  for (const IngestEntry& entry : list.entries) {
    CHECK(paths.insert(entry.path).second);
    ++things_of[entry.key.product][std::filesystem::path(entry.path).filename().string().front()];
    const bool is_photo = entry.path.find("/photos/") != std::string::npos;
    const auto attributes = nlohmann::json::parse(entry.attributes_json);
    CHECK(attributes["role"] == "photo");
    if (attributes["split"] == "val") {
      CHECK(is_photo);
      ++num_validation;
    }
  }
  CHECK(num_validation > 0);
  int num_right = 0;
  for (const auto& [group, counts] : things_of)
    num_right += std::max_element(counts.begin(), counts.end(), [](const auto& a, const auto& b) {
                   return a.second < b.second;
                 })->second;
  CHECK(num_right > static_cast<int>(list.entries.size()) * 95 / 100);
  CHECK(things_of.size() < 10);

  std::uint64_t num_dropped = 0;
  for (const auto& [reason, count] : summary["dropped"].items()) num_dropped += count.get<std::uint64_t>();
  const std::string dropped = read_file(shop / "dropped.jsonl");
  CHECK(static_cast<std::uint64_t>(std::count(dropped.begin(), dropped.end(), '\n')) == num_dropped);
  const std::string page = read_file(shop / "groups.html");
  CHECK(page.find("data:image/jpeg") != std::string::npos);
  CHECK(page.find("nan") == std::string::npos);
  const std::string text = shop.group("clicks.csv").out;
  CHECK(text.find(" groups of ") != std::string::npos);
  CHECK(text.find("pairs of one group that are right") != std::string::npos);
}

TEST_CASE("both forms of a log give the same groups, malformed lines are listed") {
  const ClickedShop shop;
  REQUIRE(shop.simulate("a.csv", {"--views", "6"}).exit_code == 0);
  REQUIRE(shop.simulate("a.jsonl", {"--views", "6"}).exit_code == 0);
  REQUIRE(shop.group("a.csv").exit_code == 0);
  const std::string from_csv = read_file(shop / "list.csv");
  REQUIRE(shop.group("a.jsonl").exit_code == 0);
  CHECK(read_file(shop / "list.csv") == from_csv);
  write_file(shop / "a.csv", read_file(shop / "a.csv") + "cut,off");
  const ProcessResult result = shop.group("a.csv");
  CHECK(result.exit_code == 5);
  CHECK(result.err.find("expected 8 fields, found 2") != std::string::npos);
  CHECK(read_file(shop / "list.csv") == from_csv);
}

TEST_CASE("only items of a kind are shown to simulated users if asked for") {
  const ClickedShop shop;
  REQUIRE(shop.simulate("some.csv", {"--where", "identity IN ('thing-1', 'thing-2')"}).exit_code == 0);
  const std::string log = read_file(shop / "some.csv");
  CHECK(log.find(",listing-1-") != std::string::npos);
  CHECK(log.find(",listing-3-") == std::string::npos);
  const ProcessResult bad = shop.simulate("none.csv", {"--where", "no such column"});
  CHECK(bad.exit_code == 2);
  CHECK(bad.err.find("where") != std::string::npos);
}

TEST_CASE("logs that cannot be grouped are refused, and nothing is written") {
  const ClickedShop shop;
  write_file(shop / "bad.csv", "session,time,query,item,clicked\n");
  CHECK(shop.group("bad.csv").exit_code == 3);
  CHECK(shop.group("none.csv").exit_code == 3);
  CHECK(shop.group("bad.csv", {"--catalog", "none.vitrine"}).exit_code != 0);
  write_file(shop / "quiet.csv",
             "session,time,query,item,position,clicked\ns,1,photos/0-0.png,listing-0-0,1,0\n");
  const ProcessResult quiet = shop.group("quiet.csv");
  CHECK(quiet.exit_code == 1);
  CHECK(quiet.err.find("the log has no click") != std::string::npos);
  write_file(shop / "one.csv", "session,time,query,item,position,clicked\ns,1,photos/0-0.png,gone,1,1\n");
  CHECK(shop.group("one.csv").exit_code == 1);
  CHECK_FALSE(std::filesystem::exists(shop / "list.csv"));
  const ProcessResult nowhere = shop.run(
      "vitrine-group-clicks", {"quiet.csv", "--catalog", "shop.vitrine", "-o", "no/such/folder/list.csv"});
  CHECK(nowhere.exit_code == 3);
  CHECK(nowhere.err.find("no/such/folder") != std::string::npos);
}

}  // namespace vitrine::test

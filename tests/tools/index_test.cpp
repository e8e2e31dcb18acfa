// SPDX-License-Identifier: MIT
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

std::string summary(const std::string& catalog, int items, const std::string& counts) {
  return catalog + ": " + std::to_string(items) + (items == 1 ? " picture\n" : " pictures\n") + "  " +
         counts + "\n  N s, N pictures/s\n";
}

}  // namespace

TEST_CASE("a folder becomes a catalogue named after it, and a second run touches nothing") {
  const Workspace work;
  work.add_shop();
  const ProcessResult first = work.run("vitrine-index", {"shop/"});
  CHECK(first.exit_code == 0);
  CHECK(first.err.empty());
  CHECK(first.out ==
        summary("shop.vitrine", 6, "6 added, 0 modified, 0 removed, 0 renamed, 0 unchanged, 0 failed"));
  const ProcessResult second = work.run("vitrine-index", {"shop"});
  CHECK(second.exit_code == 0);
  CHECK(second.out ==
        summary("shop.vitrine", 6, "0 added, 0 modified, 0 removed, 0 renamed, 6 unchanged, 0 failed"));
}

TEST_CASE("new, changed and vanished pictures are taken over") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop", "-o", "x.vitrine"}).exit_code == 0);
  work.add_picture("shop/fruit/kiwi.jpg", 7);
  work.add_picture("shop/fruit/apple.jpg", 8, 64);
  fs::remove(work / "shop/loose.png");
  const ProcessResult result = work.run("vitrine-index", {"shop", "-o", "x.vitrine"});
  CHECK(result.exit_code == 0);
  CHECK(result.out ==
        summary("x.vitrine", 6, "1 added, 1 modified, 1 removed, 0 renamed, 4 unchanged, 0 failed"));
}

TEST_CASE("--keep-vanished keeps pictures that are gone") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  fs::remove(work / "shop/loose.png");
  const ProcessResult result = work.run("vitrine-index", {"shop", "--keep-vanished"});
  CHECK(result.out ==
        summary("shop.vitrine", 6, "0 added, 0 modified, 0 removed, 0 renamed, 5 unchanged, 0 failed"));
}

TEST_CASE("--json prints the summary as one object") {
  const Workspace work;
  work.add_shop();
  write_file(work / "shop/broken.jpg", "not a picture");
  const ProcessResult result = work.run("vitrine-index", {"shop", "--json"});
  CHECK(result.exit_code == 5);
  const auto object = nlohmann::json::parse(result.out);
  CHECK(object["schema"] == "vitrine.index/1");
  CHECK(object["catalog"] == "shop.vitrine");
  CHECK(object["model"]["name"] == "random model 0");
  CHECK(object["model"]["fingerprint"].get<std::string>().size() == 32);
  CHECK(object["items"] == 6);
  CHECK(object["added"] == 6);
  CHECK(object["failed"] == 1);
  CHECK(object["interrupted"] == false);
  CHECK(object["seconds"].is_number());
  CHECK(object["pictures_per_second"].is_number());
  CHECK(object["failures"][0]["path"] == "$W/shop/broken.jpg");
  CHECK_FALSE(object["failures"][0]["reason"].get<std::string>().empty());
}

TEST_CASE("an empty folder makes no catalogue and leaves an existing one alone") {
  const Workspace work;
  fs::create_directory(work / "empty");
  const ProcessResult result = work.run("vitrine-index", {"empty"});
  CHECK(result.exit_code == 1);
  CHECK(result.out.empty());
  CHECK(result.err == "vitrine-index: no pictures in 'empty'; nothing was changed\n");
  CHECK_FALSE(fs::exists(work / "empty.vitrine"));

  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  CHECK(work.run("vitrine-index", {"empty", "-o", "shop.vitrine"}).exit_code == 1);
  CHECK(work.run("vitrine-query", {"shop.vitrine", "shop/loose.png"}).exit_code == 0);
}

TEST_CASE("a missing folder and a file that is no manifest are refused") {
  const Workspace work;
  const ProcessResult missing = work.run("vitrine-index", {"nowhere"});
  CHECK(missing.exit_code == 3);
  CHECK(missing.err.find("nowhere") != std::string::npos);
  CHECK_FALSE(fs::exists(work / "nowhere.vitrine"));
  work.add_picture("photo.jpg", 1);
  const ProcessResult picture = work.run("vitrine-index", {"photo.jpg"});
  CHECK(picture.exit_code == 2);
  CHECK(picture.err ==
        "vitrine-index: 'photo.jpg' is neither a folder nor a manifest (.csv or .jsonl)\nTry 'vitrine-index "
        "--help'.\n");
}

TEST_CASE("a folder without read permission is refused, one inside is listed") {
  const Workspace work;
  work.add_shop();
  fs::permissions(work.folder(), fs::perms::all);
  fs::permissions(work / "shop/tools", fs::perms::none);
  const ProcessResult partly = work.run("vitrine-index", {"shop"}, {.without_privileges = true});
  CHECK(partly.exit_code == 5);
  CHECK(partly.err == "vitrine-index: $W/shop/tools: cannot list: Permission denied\n");
  fs::permissions(work / "shop", fs::perms::none);
  const ProcessResult wholly =
      work.run("vitrine-index", {"shop", "-o", "other"}, {.without_privileges = true});
  CHECK(wholly.exit_code == 3);
  CHECK(wholly.err.find("Permission denied") != std::string::npos);
  fs::permissions(work / "shop", fs::perms::owner_all);
  fs::permissions(work / "shop/tools", fs::perms::owner_all);
}

TEST_CASE("a manifest gives products, categories and columns; bad lines are listed") {
  const Workspace work;
  work.add_shop();
  write_file(work / "shop.csv",
             "path,product,category,price,colour\n"
             "shop/fruit/apple.jpg,Apple,fruit,2.5,red\n"
             "shop/fruit/pear.png,Pear,fruit,3,green\n"
             "shop/fruit/missing.jpg,Missing,fruit,1,blue\n");
  const ProcessResult result = work.run("vitrine-index", {"shop.csv", "--errors", "failed.tsv"});
  CHECK(result.exit_code == 5);
  CHECK(result.out ==
        summary("shop.vitrine", 2, "2 added, 0 modified, 0 removed, 0 renamed, 0 unchanged, 1 failed"));
  const std::string failed = work.normalised(read_file(work / "failed.tsv"));
  CHECK(failed.substr(0, failed.find('\t')) == "$W/shop/fruit/missing.jpg");
  const ProcessResult query = work.run(
      "vitrine-query", {"shop.vitrine", "shop/fruit/pear.png", "--where", "price < 2.9", "--format", "csv"});
  CHECK(query.exit_code == 0);
  CHECK(query.out.find(",Apple,") != std::string::npos);
  CHECK(query.out.find(",Pear,") == std::string::npos);
}

TEST_CASE("two pictures with one key are reported and the first is kept") {
  const Workspace work;
  work.add_shop();
  write_file(work / "shop.csv",
             "path,product,picture\nshop/fruit/apple.jpg,Fruit,front\nshop/fruit/pear.png,Fruit,front\n");
  const ProcessResult result = work.run("vitrine-index", {"shop.csv"});
  CHECK(result.exit_code == 5);
  CHECK(result.out ==
        summary("shop.vitrine", 1, "1 added, 0 modified, 0 removed, 0 renamed, 0 unchanged, 1 failed"));
}

TEST_CASE("an existing catalogue keeps its own model, and another one is refused by name") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop", "--model", test_model(1).string()},
                   {.environment = {{"VITRINE_MODEL", ""}}})
              .exit_code == 0);
  CHECK(work.run("vitrine-index", {"shop"}, {.environment = {{"VITRINE_MODEL", ""}}}).exit_code == 0);
  const ProcessResult result = work.run("vitrine-index", {"shop", "--model", test_model(0).string()});
  CHECK(result.exit_code == 3);
  CHECK(result.out.empty());
  CHECK(result.err.find("was made with the model 'random model 1'") != std::string::npos);
  CHECK(result.err.find("not with 'random model 0'") != std::string::npos);
  CHECK(result.err.find("leave out --model") != std::string::npos);
}

TEST_CASE("without any model the message says how to name one") {
  const Workspace work;
  work.add_shop();
  // A copy of the tool elsewhere has no model installed beside it.
  fs::create_directory(work / "bin");
  fs::copy_file(tool_path("vitrine-index"), work / "bin/vitrine-index");
  Process process(work / "bin/vitrine-index", {"shop"},
                  work.prepared({.environment = {{"VITRINE_MODEL", ""}}}));
  const ProcessResult result = process.wait();
  CHECK(result.exit_code == 3);
  CHECK(work.normalised(result.err) ==
        "vitrine-index: there is no model at '$W/share/vitrine/vitrine-base.safetensors'; name one with "
        "--model FILE "
        "or the environment variable VITRINE_MODEL\n");
}

TEST_CASE("only the first ten failures are printed") {
  const Workspace work;
  work.add_shop();
  for (int i = 0; i < 13; ++i) {
    write_file(work / ("shop/bad" + std::to_string(10 + i) + ".jpg"), "no picture");
  }
  const ProcessResult result = work.run("vitrine-index", {"shop"});
  CHECK(result.exit_code == 5);
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 11);
  CHECK(result.err.find("vitrine-index: and 3 more failures; --errors FILE lists all\n") !=
        std::string::npos);
}

}  // namespace vitrine::test

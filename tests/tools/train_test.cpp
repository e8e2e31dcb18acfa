// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

/// The pictures of Workspace::add_shop as a catalogue, and photos with a click on a fruit or a tool.
class ClickedShop : public Workspace {
 public:
  ClickedShop() {
    add_shop();
    REQUIRE(run("vitrine-index", {"shop", "-o", "shop.vitrine"}).exit_code == 0);
    std::string lines;
    for (int i = 0; i < 4; ++i) {
      const std::string photo = "photo" + std::to_string(i) + ".png";
      add_picture(photo, static_cast<std::uint64_t>(i) + 70);
      lines += R"({"query": ")" + photo +
               R"(", "positive": "fruit/apple/fruit/apple.jpg", "positive_product": "fruit/apple",)"
               R"( "negatives": ["tools/saw/tools/saw.png", "nothing/at-all.png"], "weight": 1})"
               "\n";
    }
    write_file(folder() / "triplets.jsonl", lines);
  }

  ProcessResult train(std::vector<std::string> more) const {
    std::vector<std::string> arguments = {
        "--init", test_model().string(), "-o", "mine.safetensors", "--epochs", "1",  "--input",
        "32",     "--batch-size",        "6",  "--dimensions",     "64",       "-t", "1",
        "-q"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run("vitrine-train", arguments);
  }
};

}  // namespace

TEST_CASE("vitrine-train learns from triplets and says what it could not use") {
  const ClickedShop shop;
  const ProcessResult result = shop.train(
      {"--triplets", "triplets.jsonl", "--catalog", "shop.vitrine", "--validation-share", "0", "--json"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  CHECK(result.err.find("triplets.jsonl: 4 mentions of items that the catalogue does not have") !=
        std::string::npos);
  const auto summary = nlohmann::json::parse(result.out);
  CHECK(summary["schema"] == "vitrine.training/1");
  CHECK(summary["triplets"]["photos"] == 4);
  CHECK(summary["triplets"]["triplets"] == 4);
  CHECK(summary["epochs"].size() == 2);
  CHECK(std::filesystem::exists(shop / "mine.safetensors"));
}

TEST_CASE("vitrine-train writes a page that names what was mistaken and how far it came") {
  Workspace workspace;
  // Two photos of one product are pictures of another one, under a name that is markup.
  std::string list = "path,product,split\n";
  for (int i = 0; i < 4; ++i) {
    const std::string name = "p" + std::to_string(i) + ".png";
    workspace.add_picture(name, static_cast<std::uint64_t>(i) + 10);
    list += name + (i < 2 ? ",<b>mug</b>" : ",plate") + ",train\n";
  }
  workspace.add_picture("again.png", 10);
  list += "again.png,plate,val\n";
  write_file(workspace / "list.csv", list);
  const ProcessResult result =
      workspace.run("vitrine-train", {"list.csv", "--init", test_model().string(), "-o", "mine.safetensors",
                                      "--epochs", "2", "--input", "32", "--batch-size", "2", "--dimensions",
                                      "64", "-t", "1", "-q", "--html", "page.html"});
  INFO(result.err);
  REQUIRE(result.exit_code == 0);
  const std::string page = read_file(workspace / "page.html");
  const auto has = [&](const char* part) { return page.find(part) != std::string::npos; };
  CHECK(has("Done: mine.safetensors is written."));
  CHECK(has("2 of 2"));
  CHECK(has("Worst mistakes"));
  CHECK(has("&lt;b&gt;mug"));
  CHECK_FALSE(has("<b>mug"));
  CHECK(has("class=\"curve\""));
  CHECK_FALSE(has("Where detection sees the product"));
  CHECK_FALSE(has("nan"));
}

TEST_CASE("vitrine-train refuses what it cannot learn from") {
  const ClickedShop shop;
  SECTION("triplets without their catalogue") {
    const ProcessResult result = shop.train({"--triplets", "triplets.jsonl"});
    CHECK(result.exit_code == 2);
    CHECK(result.err.find("--triplets and --catalog belong together") != std::string::npos);
  }
  SECTION("nothing at all") {
    CHECK(shop.train({}).exit_code == 2);
  }
  SECTION("a damaged line") {
    write_file(shop / "triplets.jsonl", read_file(shop / "triplets.jsonl") + "{\"query\": 7}\n");
    const ProcessResult result = shop.train({"--triplets", "triplets.jsonl", "--catalog", "shop.vitrine"});
    CHECK(result.exit_code == 3);
    CHECK(result.err.find("triplets.jsonl:5") != std::string::npos);
  }
  SECTION("missing photos") {
    for (int i = 0; i < 4; ++i) std::filesystem::remove(shop / ("photo" + std::to_string(i) + ".png"));
    const ProcessResult result = shop.train({"--triplets", "triplets.jsonl", "--catalog", "shop.vitrine"});
    CHECK(result.exit_code == 2);
    CHECK(result.err.find("no triplet to learn from is left") != std::string::npos);
  }
  CHECK_FALSE(std::filesystem::exists(shop / "mine.safetensors"));
}

}  // namespace vitrine::test

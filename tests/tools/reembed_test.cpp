// SPDX-License-Identifier: MIT
#include <signal.h>

#include <catch2/catch.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "tools/text_file.h"
#include "tools/workspace.h"
#include "vitrine/catalog.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

/// Without naming the model of new catalogues, as Workspace does.
const ProcessOptions kWithOwnModel{.environment = {{"VITRINE_MODEL", ""}}};

std::string answer(const Workspace& work, const std::string& shop) {
  const ProcessResult result =
      work.run("vitrine-query", {shop, "shop/fruit/pear.png", "--format", "csv", "-k", "6"});
  INFO(result.err);
  CHECK(result.exit_code == 0);
  return result.out;
}

ProcessResult reembed(const Workspace& work, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"shop.vitrine", "reembed", "--json"};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return work.run("vitrine-admin", arguments, kWithOwnModel);
}

}  // namespace

TEST_CASE("a catalogue changes to another model and back, as if made with it") {
  const Workspace work;
  work.add_shop();
  const std::string other = test_model(1).string();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  REQUIRE(work.run("vitrine-index", {"shop", "-o", "fresh", "--model", other}).exit_code == 0);
  const std::string by_old = answer(work, "shop.vitrine");
  const std::string by_new = answer(work, "fresh");
  REQUIRE(by_old != by_new);

  const ProcessResult made = reembed(work, {"--model", other});
  INFO(made.err);
  REQUIRE(made.exit_code == 0);
  const auto report = nlohmann::json::parse(made.out);
  CHECK(report["schema"] == "vitrine.reembed/1");
  CHECK(report["complete"] == true);
  CHECK(report["standby"]["added"] == 6);
  CHECK(answer(work, "shop.vitrine") == by_old);
  CHECK(answer(work, "shop.vitrine.standby") == by_new);

  CHECK_THAT(work.run("vitrine-admin", {"shop.vitrine", "info"}).out,
             Catch::Contains("standby       random model 1 ("));

  const ProcessResult switched = work.run("vitrine-admin", {"shop.vitrine", "switch"});
  CHECK(switched.exit_code == 0);
  CHECK_THAT(switched.out, Catch::Contains("another switch brings it back"));
  CHECK(answer(work, "shop.vitrine") == by_new);
  CHECK(work.run("vitrine-admin", {"shop.vitrine", "verify"}).out == "no damage found\n");
  // The catalogue goes on with its new model.
  work.add_picture("shop/fruit/fig.png", 99);
  const ProcessResult indexed = work.run("vitrine-index", {"shop"}, kWithOwnModel);
  CHECK(indexed.exit_code == 0);
  CHECK_THAT(indexed.out, Catch::Contains("1 added, 0 modified, 0 removed, 0 renamed, 6 unchanged"));

  // What came since must reach the other side before it serves again.
  const ProcessResult refused = work.run("vitrine-admin", {"shop.vitrine", "switch"});
  CHECK(refused.exit_code == 2);
  CHECK_THAT(refused.err, Catch::Contains("1 items are missing"));
  CHECK(nlohmann::json::parse(reembed(work).out)["standby"]["added"] == 1);
  CHECK(work.run("vitrine-admin", {"shop.vitrine", "switch"}).exit_code == 0);
  CHECK(Catalog::open(work / "shop.vitrine").stats().num_items == 7);
}

TEST_CASE("reembed goes on where it was killed") {
  const Workspace work;
  constexpr std::uint64_t kNumPictures = 300;
  for (std::uint64_t i = 0; i < kNumPictures; ++i)
    work.add_picture("shop/" + std::to_string(i) + ".png", i, 400);
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const std::vector<std::string> command = {"shop.vitrine", "reembed", "--model", test_model(1).string()};
  int num_killed = 0;
  for (int delay_ms = 30; delay_ms < 400 && num_killed < 6; delay_ms += 40) {
    Process process(tool_path("vitrine-admin"), command, work.prepared({}));
    std::this_thread::sleep_for(std::chrono::milliseconds(delay_ms));
    process.send_signal(SIGKILL);
    num_killed += process.wait().exit_code == 128 + SIGKILL ? 1 : 0;
  }
  CHECK(num_killed > 0);
  const ProcessResult finished = work.run("vitrine-admin", command);
  INFO(finished.err);
  CHECK(finished.exit_code == 0);
  CHECK_THAT(finished.out, Catch::Contains("complete: "));
  CHECK(work.run("vitrine-admin", {"shop.vitrine", "switch"}).exit_code == 0);
  CHECK(Catalog::open(work / "shop.vitrine").verify().empty());
}

TEST_CASE("damaged features are made again from the pictures") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const std::string before = answer(work, "shop.vitrine");
  const fs::path segment = work / "shop.vitrine/segments/000001.vseg";
  std::string bytes = read_file(segment);
  bytes[bytes.size() - 100] = static_cast<char>(bytes[bytes.size() - 100] ^ 0x7f);
  write_file(segment, bytes);
  CHECK_THAT(work.run("vitrine-admin", {"shop.vitrine", "verify"}).out,
             Catch::Contains("features of rows 0 to 5 do not match their checksum"));
  REQUIRE(reembed(work, {"--model", "shop.vitrine/model.safetensors"}).exit_code == 0);
  REQUIRE(work.run("vitrine-admin", {"shop.vitrine", "switch"}).exit_code == 0);
  CHECK(work.run("vitrine-admin", {"shop.vitrine", "verify"}).out == "no damage found\n");
  CHECK(answer(work, "shop.vitrine") == before);
}

TEST_CASE("reembed says what is in its way") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const auto fails = [&](const ProcessResult& result, int exit_code, const std::string& part) {
    INFO(result.err);
    CHECK(result.exit_code == exit_code);
    CHECK(result.out.empty());
    CHECK_THAT(result.err, Catch::Contains(part));
  };
  fails(reembed(work), 2, "name its model with --model");
  fails(reembed(work, {"--model", "none.safetensors"}), 3, "none.safetensors");
  fails(work.run("vitrine-admin", {"none.vitrine", "reembed"}), 3, "no catalogue at 'none.vitrine'");
  fails(work.run("vitrine-admin", {"shop.vitrine", "switch"}), 3, "make it with vitrine-admin reembed");
  REQUIRE(reembed(work, {"--model", test_model(1).string()}).exit_code == 0);
  fails(reembed(work, {"--model", test_model(0).string()}), 3, "' to begin with '");

  // A picture that is gone cannot be looked at by another model.
  fs::remove_all(work / "shop.vitrine.standby");
  fs::remove(work / "shop/fruit/pear.png");
  const ProcessResult result = reembed(work, {"--model", test_model(1).string()});
  CHECK(result.exit_code == 5);
  CHECK(nlohmann::json::parse(result.out)["missing"] == 1);
  fails(work.run("vitrine-admin", {"shop.vitrine", "switch"}), 2, "'fruit/pear' picture");
  CHECK(work.run("vitrine-admin", {"shop.vitrine", "switch", "--anyway"}).exit_code == 0);
  CHECK(Catalog::open(work / "shop.vitrine").stats().num_items == 5);
}

}  // namespace vitrine::test

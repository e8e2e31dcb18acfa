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

std::size_t num_entries(const fs::path& folder) {
  return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
}

}  // namespace

TEST_CASE("a backup answers queries as the catalogue does") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const ProcessResult result = work.run("vitrine-admin", {"shop.vitrine", "backup", "copy"});
  CHECK(result.exit_code == 0);
  CHECK(result.err.empty());
  CHECK(result.out == "copy: backup of 6 pictures\n");
  CHECK(work.run("vitrine-admin", {"copy", "verify"}).out == "no damage found\n");
  const std::vector<std::string> query = {"shop/loose.png", "--format", "paths"};
  const auto answer = [&](const std::string& shop) {
    return work.run("vitrine-query", {shop, query[0], query[1], query[2]}).out;
  };
  CHECK_FALSE(answer("copy").empty());
  CHECK(answer("copy") == answer("shop.vitrine"));
  CHECK(work.run("vitrine-index", {"shop", "-o", "copy"}).exit_code == 0);
}

TEST_CASE("backups made while a feed is applied are whole and each holds a committed state") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  constexpr std::uint64_t kBatch = 10;
  std::string feed;
  for (std::uint64_t i = 0; i < 20'000; ++i)
    feed +=
        nlohmann::json({{"product", "p" + std::to_string(i)}, {"picture", "x"}, {"path", "shop/loose.png"}})
            .dump() +
        "\n";
  write_file(work / "feed.jsonl", feed);
  Process writer(
      tool_path("vitrine-index"),
      {"--apply", "feed.jsonl", "-o", "shop.vitrine", "--commit-every", std::to_string(kBatch), "-q"},
      work.prepared({}));
  std::uint64_t last = 0;
  int num_meanwhile = 0;
  for (int i = 0; i < 6 && writer.running(); ++i) {
    const std::string copy = "copy" + std::to_string(i);
    const ProcessResult result = work.run("vitrine-admin", {"shop.vitrine", "backup", copy, "--json"});
    INFO(result.err);
    REQUIRE(result.exit_code == 0);
    num_meanwhile += writer.running() ? 1 : 0;
    const Catalog catalog = Catalog::open(work / copy);
    const std::uint64_t num_items = catalog.stats().num_items;
    CHECK(catalog.verify().empty());
    CHECK(nlohmann::json::parse(result.out)["items"] == num_items);
    CHECK((num_items - 6) % kBatch == 0);
    CHECK(num_items >= last);
    for (std::uint64_t k = 0; k < num_items - 6; ++k) CHECK(catalog.find({"p" + std::to_string(k), "x"}));
    last = num_items;
  }
  CHECK(num_meanwhile > 0);
  writer.send_signal(SIGKILL);
  writer.wait();
}

TEST_CASE("a backup or export that cannot be made says why and leaves nothing") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  const std::string command = GENERATE("backup", "export");
  const std::size_t num_before = num_entries(work.folder());
  const ProcessResult exists = work.run("vitrine-admin", {"shop.vitrine", command, "shop"});
  CHECK(exists.exit_code == 3);
  CHECK(exists.err ==
        "vitrine-admin: cannot make 'shop': there is one already; remove it, or choose another name\n");
  CHECK(work.run("vitrine-admin", {"shop.vitrine", command, "no/where"}).exit_code == 3);
  CHECK(work.run("vitrine-admin", {"nothing", command, "copy"}).exit_code == 3);
  const ProcessResult full =
      work.run("vitrine-admin", {"shop.vitrine", command, "copy"}, {.file_size_limit_bytes = 100});
  CHECK(full.exit_code == 3);
  CHECK(full.err.find("File too large") != std::string::npos);
  CHECK(num_entries(work.folder()) == num_before);
  CHECK(work.run("vitrine-admin", {"shop.vitrine", command}).exit_code == 2);
  CHECK(work.run("vitrine-admin", {"shop.vitrine", command, "a", "b"}).exit_code == 2);
  CHECK(num_entries(work.folder()) == num_before);
}

}  // namespace vitrine::test

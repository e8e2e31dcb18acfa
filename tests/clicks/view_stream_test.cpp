// SPDX-License-Identifier: MIT
#include "clicks/view_stream.h"

#include <catch2/catch.hpp>
#include <map>

#include "engine/test_folder.h"
#include "vitrine/error.h"

namespace vitrine::clicks {
namespace {

const std::string kHeader = "session,time,query,item,position,clicked\n";

}  // namespace

TEST_CASE("duplicates, views without clicks and bad lines are dropped, a clock going backwards is counted") {
  const test::TestFolder folder;
  const std::vector<std::filesystem::path> logs = {
      folder.write("one.csv", kHeader + "s,10,a.jpg,m,1,1\n"
                                        "s,9,b.jpg,m,1,1\n"   // earlier than the view before
                                        "t,5,b.jpg,m,1,1\n"   // another session's clock
                                        "s,10,a.jpg,m,1,1\n"  // logged twice
                                        "s,11,c.jpg,m,1,0\n"  // no click
                                        "s,soon,d.jpg,m,1,1\n"),
      folder.write("two.csv", kHeader + "s,10,a.jpg,m,1,1\nu,1,/x/e.jpg,m,1,1\n")};
  std::map<DropReason, std::size_t> dropped;
  std::size_t num_seen = 0;
  ViewStream stream(
      logs, {}, [&](const Dropped& one) { ++dropped[one.reason]; }, [&](const PageView&) { ++num_seen; });
  std::vector<LocatedView> views;
  while (std::optional<LocatedView> view = stream.next()) views.push_back(std::move(*view));
  REQUIRE(views.size() == 4);
  CHECK(views[0].place == logs[0].string() + ":2");
  CHECK(views[0].photo == (folder / "a.jpg").string());
  CHECK(views[3].photo == "/x/e.jpg");
  CHECK(dropped[DropReason::kDuplicateView] == 2);
  CHECK(dropped[DropReason::kNoClick] == 1);
  CHECK(dropped[DropReason::kMalformedLine] == 1);
  CHECK(stream.num_clock_backwards() == 1);
  CHECK(stream.num_views() == 7);
  CHECK(num_seen == 5);
  CHECK(stream.bytes_read() == stream.size_bytes());
}

TEST_CASE("a missing log is reported before anything is read, and a root moves relative photos") {
  const test::TestFolder folder;
  const std::filesystem::path log = folder.write("log.csv", kHeader + "s,10,a.jpg,m,1,1\n");
  const std::vector<std::filesystem::path> one = {log}, with_missing = {log, folder / "none.csv"};
  CHECK_THROWS_AS(ViewStream(with_missing, {}, [](const Dropped&) {}), Error);
  ViewStream stream(one, "/photos/..//p", [](const Dropped&) {});
  CHECK(stream.next()->photo == "/p/a.jpg");
}

TEST_CASE("recent keys forget, but not too soon") {
  RecentKeys<int> keys(2);
  for (int i = 1; i <= 3; ++i) keys.put(static_cast<std::uint64_t>(i), i);
  CHECK(*keys.find(1) == 1);
  CHECK(*keys.find(3) == 3);
  for (int i = 4; i <= 5; ++i) keys.put(static_cast<std::uint64_t>(i), i);
  CHECK(keys.find(1) == nullptr);
  CHECK(*keys.find(4) == 4);
}

}  // namespace vitrine::clicks

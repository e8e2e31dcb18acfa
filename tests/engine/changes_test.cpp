// SPDX-License-Identifier: MIT
#include "vitrine/changes.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <set>

#include "engine/shop.h"
#include "vitrine/error.h"

namespace vitrine::test {
namespace {

using Kind = ItemChange::Kind;

struct Feed {
  Shop shop;
  Catalog catalog = shop.open_or_create();

  ChangeReport apply(const std::vector<ItemChange>& changes, const ChangeOptions& options = {}) {
    return apply_changes(catalog, shop.embedder, changes, options);
  }
  ItemChange upsert(const std::string& name, std::uint32_t seed, std::optional<std::int64_t> version = {}) {
    return {.key = {name, "front"},
            .version = version,
            .path = shop.add_photo(name + "-" + std::to_string(seed) + ".png", seed).string()};
  }
  std::optional<Item> item(const std::string& name) const {
    const auto id = catalog.find({name, "front"});
    return id ? catalog.item(*id) : std::nullopt;
  }
};

ItemChange removal(const std::string& name, std::optional<std::int64_t> version = {}) {
  return {.kind = Kind::kRemove, .key = {name, "front"}, .version = version};
}

ItemChange patch(const std::string& name, const std::string& attributes,
                 std::optional<std::int64_t> version = {}) {
  return {.kind = Kind::kUpdate, .key = {name, "front"}, .version = version, .attributes_json = attributes};
}

std::string refusal(std::string_view text) {
  try {
    parse_change(text, "/feed");
  } catch (const Error& error) {
    CHECK(to_string(error.code()) == "corrupt");
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("a change is read from a JSON object") {
  const ItemChange full = parse_change(
      R"({"op":"upsert","product":"p","picture":"a","path":"x/y.jpg","category":"shoes","version":7,)"
      R"("attributes":{"size":40},"price":12.5,"colour":"red","empty":null})",
      "/feed");
  CHECK(full.kind == Kind::kUpsert);
  CHECK(full.key == ItemKey{"p", "a"});
  CHECK(full.version == 7);
  CHECK(full.path == "/feed/x/y.jpg");
  CHECK(full.category == "shoes");
  CHECK(full.attributes_json == R"({"colour":"red","size":40})");
  CHECK(full.quality == std::map<std::string, std::optional<double>>{{"price", 12.5}});

  const ItemChange by_path = parse_change(R"({"path":"x/y.jpg"})", "/feed");
  CHECK(by_path.kind == Kind::kUpsert);
  CHECK(by_path.key == ItemKey{"x/y", "x/y.jpg"});
  CHECK_FALSE(by_path.version);
  CHECK_FALSE(by_path.category);

  const ItemChange update = parse_change(
      R"({"op":"update","product":"p","picture":"a","old":null,"category":null,"version":-3})", "/feed");
  CHECK(update.kind == Kind::kUpdate);
  CHECK(update.version == -3);
  CHECK(update.category == "");
  CHECK(update.attributes_json == R"({"old":null})");
  CHECK(update.quality == std::map<std::string, std::optional<double>>{{"old", std::nullopt}});

  // Neither stays beside the other.
  const ItemChange retyped =
      parse_change(R"({"op":"update","product":"p","picture":"a","price":"n/a","size":38})", "/feed");
  CHECK(retyped.attributes_json == R"({"price":"n/a","size":null})");
  CHECK(retyped.quality ==
        std::map<std::string, std::optional<double>>{{"price", std::nullopt}, {"size", 38}});

  const ItemChange removed = parse_change(R"({"op":"delete","path":"x/y.jpg"})", "/feed");
  CHECK(removed.kind == Kind::kRemove);
  CHECK(removed.key == by_path.key);
  CHECK(removed.path.empty());
}

TEST_CASE("every bad record is refused with its reason, one case per field") {
  CHECK_THAT(refusal(""), Catch::StartsWith("not valid JSON"));
  CHECK_THAT(refusal(R"({"path":"a.jpg")"), Catch::StartsWith("not valid JSON"));
  CHECK_THAT(refusal(R"({"path":"a.jpg"} x)"), Catch::StartsWith("not valid JSON"));
  CHECK_THAT(refusal("{\"path\":\"\xff.jpg\"}"), Catch::StartsWith("not valid JSON"));
  const std::string no_number = " is no finite number, and JSON has no other; write null where there is none";
  CHECK(refusal(R"({"path":"a.jpg","price":1e999})") == "price: 1e999" + no_number);
  CHECK(refusal(R"({"path":"a.jpg","NaN":"NaN","a":{"x":0},"price":NaN})") == "price: NaN" + no_number);
  CHECK(refusal(R"({"path":"a.jpg","attributes":{"x":[-Infinity]}})") == "attributes: -Infinity" + no_number);
  CHECK(refusal("[1]") == "expected a JSON object, found array");
  CHECK(refusal(std::string(10'000, '[')) == "JSON nested deeper than 32 levels");
  CHECK(refusal(R"({"path":"a.jpg","attributes":)" + std::string(10'000, '{')) ==
        "JSON nested deeper than 32 levels");
  CHECK(refusal(R"({"path":"a.jpg","op":"replace"})") ==
        "op: expected upsert, update or delete, found 'replace'");
  CHECK(refusal(R"({"path":"a.jpg","op":1})") == "op: expected a string, found number");
  CHECK(refusal(R"({"path":"a.jpg","version":"7"})") == "version: expected an integer, found string");
  CHECK(refusal(R"({"path":"a.jpg","version":7.0})") == "version: expected an integer, found number");
  CHECK(refusal(R"({"path":"a.jpg","version":9223372036854775808})") ==
        "version: expected at most 9223372036854775807");
  CHECK(refusal(R"({"path":["a.jpg"]})") == "path: expected a string, found array");
  CHECK(refusal(R"({"path":"a\u0000.jpg"})") == "path: holds a zero byte");
  CHECK(refusal(R"({"path":"a.jpg","attributes":"x"})") ==
        "attributes: expected a JSON object, found string");
  CHECK(refusal(R"({"path":"a.jpg","category":1})") == "category: expected a string, found number");
  const std::string unnamed = "no item is named: expected path, or product and picture";
  CHECK(refusal("{}") == unnamed);
  CHECK(refusal(R"({"op":"delete","product":"p"})") == unnamed);
  CHECK(refusal(R"({"op":"update","picture":"p"})") == unnamed);
}

TEST_CASE("upserts replace what an item has, updates merge into it, and deletes remove it") {
  Feed feed;
  ItemChange first = feed.upsert("a", 1);
  first.category = "shoes";
  first.attributes_json = R"({"colour":"red","size":{"eu":40,"uk":7}})";
  first.quality = {{"price", 9.5}, {"sales", 3}};
  ChangeReport report = feed.apply({first, feed.upsert("b", 2)});
  CHECK(report.num_done == 2);
  CHECK(report.num_added == 2);
  CHECK(report.num_embedded == 2);
  CHECK(feed.item("a")->category == "shoes");

  ItemChange change = patch("a", R"({"colour":null,"size":{"uk":8},"new":true})");
  change.quality = {{"price", 8.0}, {"sales", std::nullopt}};
  report = feed.apply({change});
  CHECK(report.num_modified == 1);
  CHECK(report.num_embedded == 0);
  CHECK(feed.item("a")->category == "shoes");
  CHECK(feed.item("a")->attributes_json == R"({"new":true,"size":{"eu":40,"uk":8}})");
  CHECK(feed.item("a")->quality == std::map<std::string, double>{{"price", 8.0}});
  const ContentHash hash = feed.item("a")->hash;

  ItemChange replaced{.key = {"a", "front"}, .category = "boots"};
  report = feed.apply({replaced, removal("b")});
  CHECK(report.num_modified == 1);
  CHECK(report.num_removed == 1);
  CHECK(feed.item("a")->attributes_json == "{}");
  CHECK(feed.item("a")->category == "boots");
  CHECK(feed.item("a")->quality.empty());
  CHECK(feed.item("a")->hash == hash);
  CHECK_FALSE(feed.item("b"));
  CHECK(Catalog::open(feed.shop.catalog_path()).stats().num_items == 1);
}

TEST_CASE("a text where the catalogue has numbers is kept as an attribute, removes the number and is told") {
  Feed feed;
  ItemChange first = feed.upsert("a", 1);
  first.quality["price"] = 10;
  feed.apply({first, feed.upsert("b", 2)});
  const auto change = [](const std::string& text) { return parse_change(text, "/feed"); };
  const ChangeReport report = feed.apply({
      change(R"({"op":"update","product":"a","picture":"front","price":"n/a"})"),
      change(R"({"op":"update","product":"b","picture":"front","price":null,"colour":"red"})"),
      change(R"({"product":"b","picture":"front","price":["nan"]})"),
      change(R"({"op":"update","product":"nobody","picture":"front","price":"n/a"})"),
  });
  CHECK(report.num_modified == 3);
  REQUIRE(report.failures.size() == 1);
  CHECK(feed.item("a")->quality.empty());
  CHECK(feed.item("a")->attributes_json == R"({"price":"n/a"})");
  REQUIRE(report.warnings.size() == 2);
  CHECK(report.warnings[0].change_index == 0);
  CHECK(report.warnings[0].reason ==
        "price: expected a number, as others have in this column, found 'n/a'; kept "
        "as an attribute, and missing as a number");
  CHECK(report.warnings[1].change_index == 2);

  const ChangeReport corrected =
      feed.apply({change(R"({"op":"update","product":"a","picture":"front","price":12})")});
  CHECK(corrected.warnings.empty());
  CHECK(feed.item("a")->quality == std::map<std::string, double>{{"price", 12}});
  CHECK(feed.item("a")->attributes_json == "{}");
}

TEST_CASE("a change with an older or equal version is ignored, also after the item is gone") {
  Feed feed;
  feed.apply({feed.upsert("a", 1, 5)});
  ChangeReport report = feed.apply(
      {patch("a", R"({"x":1})", 5), patch("a", R"({"x":1})", 4), removal("a", 5), feed.upsert("a", 2, 5)});
  CHECK(report.num_stale == 4);
  CHECK(report.num_embedded == 0);
  CHECK(feed.item("a")->attributes_json == "{}");
  report = feed.apply({removal("a", 6), feed.upsert("a", 2, 6), removal("a", 6)});
  CHECK(report.num_removed == 1);
  CHECK(report.num_stale == 2);
  CHECK_FALSE(feed.item("a"));
}

TEST_CASE("content that is known is never embedded again") {
  Feed feed;
  REQUIRE(feed.apply({feed.upsert("a", 1), feed.upsert("b", 1), feed.upsert("c", 2)}).num_embedded == 2);
  SECTION("given again") {
    const ChangeReport report = feed.apply({feed.upsert("a", 1)});
    CHECK(report.num_embedded == 0);
  }
  SECTION("for a new item, while the old one goes") {
    const ChangeReport report = feed.apply({removal("c"), feed.upsert("d", 2)});
    CHECK(report.num_embedded == 0);
    CHECK(report.failures.empty());
    CHECK(feed.item("d"));
    CHECK_FALSE(feed.item("c"));
  }
  SECTION("exchanged between two items in one batch") {
    const ChangeReport report = feed.apply({feed.upsert("a", 2), feed.upsert("c", 1)});
    CHECK(report.failures.empty());
    CHECK(report.num_modified == 2);
  }
  CHECK(feed.catalog.verify().empty());
}

TEST_CASE("a change that cannot be made leaves its item and its version, and the others go on") {
  Feed feed;
  feed.apply({feed.upsert("a", 1, 1)});
  const std::string broken = feed.shop.folder.write("photos/broken.png", "no picture").string();
  const std::vector<ItemChange> changes = {
      {.key = {"a", "front"}, .version = 2, .path = broken},
      {.key = {"b", "front"}, .version = 2, .path = (feed.shop.photos() / "missing.png").string()},
      {.key = {"c", "front"}},
      {.key = {"d", "front"}, .path = broken},
      patch("nobody", R"({"x":1})"),
      removal("nobody"),
      patch("a", "[1]"),
      feed.upsert("good", 3)};
  const ChangeReport report = feed.apply(changes);
  CHECK(report.num_done == changes.size());
  CHECK(report.num_added == 1);
  std::set<std::size_t> failed;
  for (const ChangeFailure& failure : report.failures) {
    failed.insert(failure.change_index);
    CHECK_FALSE(failure.reason.empty());
  }
  CHECK(failed == std::set<std::size_t>{0, 1, 2, 3, 4, 5, 6});
  CHECK(feed.item("a"));
  CHECK(feed.catalog.version({"a", "front"}) == 1);
  CHECK_FALSE(feed.catalog.version({"b", "front"}));
  CHECK(feed.item("good"));
}

TEST_CASE("a versioned delete of an unknown item keeps out what comes late") {
  Feed feed;
  ChangeReport report = feed.apply({removal("a", 4)});
  CHECK(report.failures.empty());
  CHECK(report.num_unchanged == 1);
  report = feed.apply({feed.upsert("a", 1, 3)});
  CHECK(report.num_stale == 1);
  CHECK_FALSE(feed.item("a"));
}

TEST_CASE("an interrupted call commits what was done and says how far it came") {
  Feed feed;
  std::vector<ItemChange> changes;
  for (std::uint32_t i = 0; i < 200; ++i) changes.push_back(feed.upsert("p" + std::to_string(i), i));
  int num_polls = 0;
  const ChangeReport report =
      feed.apply(changes, {.num_threads = 1, .should_stop = [&] { return ++num_polls > 60; }});
  CHECK(report.interrupted);
  CHECK(report.num_done < changes.size());
  CHECK(Catalog::open(feed.shop.catalog_path()).stats().num_items == report.num_done);
  const ChangeReport rest =
      feed.apply({changes.begin() + static_cast<std::ptrdiff_t>(report.num_done), changes.end()});
  CHECK_FALSE(rest.interrupted);
  CHECK(feed.catalog.stats().num_items == changes.size());
}

TEST_CASE("any batches and any delivery again end where a plain map does") {
  std::mt19937 random(GENERATE(1u, 2u, 3u));
  const auto below = [&](int n) { return std::uniform_int_distribution<>(0, n - 1)(random); };
  Feed feed;
  std::vector<std::filesystem::path> photos;
  for (std::uint32_t seed = 0; seed < 6; ++seed)
    photos.push_back(feed.shop.add_photo("photo" + std::to_string(seed) + ".png", seed));

  // What the feed says, with versions that ascend for each key.
  std::vector<ItemChange> history;
  for (int i = 0; i < 300; ++i) {
    ItemChange change{.key = {"p" + std::to_string(below(8)), "front"}, .version = i};
    const int kind = below(5);
    if (kind < 2) {
      change.path = photos[static_cast<std::size_t>(below(6))].string();
      change.attributes_json = R"({"made":)" + std::to_string(i) + "}";
    } else if (kind < 4) {
      change.kind = Kind::kUpdate;
      change.attributes_json = R"({"seen":)" + std::to_string(i) + "}";
    } else {
      change.kind = Kind::kRemove;
    }
    history.push_back(change);
  }
  struct Expected {
    std::string path;
    std::string made;
    std::string seen;
  };
  std::map<ItemKey, Expected> oracle;
  for (const ItemChange& change : history) {
    const std::string number = std::to_string(*change.version);
    if (change.kind == Kind::kRemove) oracle.erase(change.key);
    if (change.kind == Kind::kUpsert) oracle[change.key] = {change.path, number, ""};
    if (change.kind == Kind::kUpdate && oracle.contains(change.key)) oracle[change.key].seen = number;
  }

  // Delivered in batches, going back now and then as a feeder does that was not acknowledged.
  for (std::size_t next = 0; next < history.size();) {
    const std::size_t back = std::min(next, static_cast<std::size_t>(below(3) == 0 ? below(60) : 0));
    const std::size_t begin = next - back;
    const std::size_t end = std::min(history.size(), next + 1 + static_cast<std::size_t>(below(40)));
    feed.apply({history.begin() + static_cast<std::ptrdiff_t>(begin),
                history.begin() + static_cast<std::ptrdiff_t>(end)},
               {.num_threads = 2});
    next = end;
  }

  REQUIRE(feed.catalog.stats().num_items == oracle.size());
  for (const auto& [key, expected] : oracle) {
    const Item item = *feed.catalog.item(*feed.catalog.find(key));
    INFO(key.product << " " << item.attributes_json);
    CHECK(item.path == expected.path);
    CHECK(item.attributes_json ==
          (expected.seen.empty() ? R"({"made":)" + expected.made + "}"
                                 : R"({"made":)" + expected.made + R"(,"seen":)" + expected.seen + "}"));
  }
  // Codes and features are those that a run over the same pictures makes.
  Shop fresh;
  IngestSource source;
  for (const auto& [key, expected] : oracle) {
    source.entries.emplace_back();
    source.entries.back().key = key;
    source.entries.back().path = expected.path;
  }
  Catalog made_at_once = fresh.open_or_create();
  ingest(made_at_once, fresh.embedder, source);
  const Content of_feed = content_of(feed.catalog);
  const Content of_run = content_of(made_at_once);
  REQUIRE(of_feed.size() == of_run.size());
  for (const auto& [key, content] : of_run) CHECK(std::get<2>(of_feed.at(key)) == std::get<2>(content));
  CHECK(feed.catalog.verify().empty());
}

TEST_CASE("an error of the catalogue ends the call and leaves the last commit") {
  Feed feed;
  feed.apply({feed.upsert("a", 1)});
  feed.shop.embedder.info_for_changes().fingerprint = "another";
  CHECK_THROWS_AS(feed.apply({feed.upsert("b", 2)}), Error);
  CHECK(feed.catalog.stats().num_items == 1);
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

namespace fs = std::filesystem;

// A workspace with shop.vitrine in it.
class IndexedShop : public Workspace {
 public:
  IndexedShop() {
    add_shop();
    REQUIRE(Workspace::run("vitrine-index", {"shop"}).exit_code == 0);
  }
  ProcessResult query(std::vector<std::string> arguments, ProcessOptions options = {}) const {
    arguments.insert(arguments.begin(), "shop.vitrine");
    return run("vitrine-query", arguments, std::move(options));
  }
  /// The paths of the hits, one a line.
  std::string paths(std::vector<std::string> arguments, ProcessOptions options = {}) const {
    arguments.insert(arguments.end(), {"--format", "paths"});
    return query(std::move(arguments), std::move(options)).out;
  }
};

const std::string kSyntaxErrors[] = {"price <", "1) UNION SELECT 1,2,3 --", "1; DROP TABLE items",
                                     "unknown_column = 1", "(SELECT count(*) FROM sqlite_master)"};

}  // namespace

TEST_CASE("the very picture is the first hit") {
  const IndexedShop shop;
  for (const std::string name : {"fruit/apple.jpg", "fruit/pear.png", "tools/hammer.jpg", "loose.png"}) {
    const ProcessResult result = shop.query({"shop/" + name, "-k", "1", "--format", "paths"});
    CHECK(result.exit_code == 0);
    CHECK(result.out == "$W/shop/" + name + "\n");
    CHECK(result.err.empty());
  }
}

TEST_CASE("the catalogue answers from any folder, with paths that hold there") {
  const IndexedShop shop;
  const ProcessResult result =
      shop.run("vitrine-query", {"../../shop.vitrine", "apple.jpg", "-k", "1", "--format", "paths"},
               {.folder = shop / "shop/fruit"});
  CHECK(result.out == "$W/shop/fruit/apple.jpg\n");
}

TEST_CASE("-k limits the hits, and a small catalogue gives all it has") {
  const IndexedShop shop;
  const auto num_hits = [&](const std::string& k) {
    const std::string paths = shop.paths({"shop/loose.png", "-k", k});
    return std::count(paths.begin(), paths.end(), '\n');
  };
  CHECK(num_hits("2") == 2);
  CHECK(num_hits("100") == 6);
}

TEST_CASE("--category restricts the hits, and an unknown one is refused with those alike") {
  const IndexedShop shop;
  const std::string paths = shop.paths({"shop/loose.png", "--category", "tools"});
  CHECK(std::count(paths.begin(), paths.end(), '\n') == 2);
  CHECK(paths.find("/fruit/") == std::string::npos);
  const std::string both = shop.paths({"shop/loose.png", "--category", "tools", "--category", "fruit"});
  CHECK(std::count(both.begin(), both.end(), '\n') == 5);
  const ProcessResult unknown = shop.query({"shop/loose.png", "--category", "tool"});
  CHECK(unknown.exit_code == 2);
  CHECK(unknown.out.empty());
  CHECK(unknown.err.find("tools") != std::string::npos);
}

TEST_CASE("--where restricts the hits, and no hits is exit code 1") {
  const IndexedShop shop;
  CHECK(shop.paths({"shop/loose.png", "--where", "category = 'tools' AND product LIKE '%saw%'"}) ==
        "$W/shop/tools/saw.png\n");
  const ProcessResult none = shop.query({"shop/loose.png", "--where", "width > 100000"});
  CHECK(none.exit_code == 1);
  CHECK(none.out.find("no hits\n") != std::string::npos);
  CHECK(none.err == "vitrine-query: no hits\n");
}

TEST_CASE("--where takes one expression over the columns and nothing else") {
  const IndexedShop shop;
  for (const std::string& expression : kSyntaxErrors) {
    INFO(expression);
    const ProcessResult result = shop.query({"shop/loose.png", "--where", expression});
    CHECK(result.exit_code == 2);
    CHECK(result.out.empty());
    CHECK(result.err.find("vitrine-query: ") == 0);
  }
  CHECK(shop.query({"shop/loose.png"}).exit_code == 0);
}

TEST_CASE("--id searches with an item, wherever its name has slashes, and leaves it out of the hits") {
  const IndexedShop shop;
  const ProcessResult item = shop.query({"--id", "fruit/apple/fruit/apple.jpg", "--format", "paths"});
  CHECK(item.exit_code == 0);
  CHECK(std::count(item.out.begin(), item.out.end(), '\n') == 5);
  CHECK(item.out.find("apple.jpg") == std::string::npos);
  const ProcessResult unknown = shop.query({"--id", "fruit/apple"});
  CHECK(unknown.exit_code == 3);
  CHECK(unknown.err == "vitrine-query: no item 'fruit/apple' in 'shop.vitrine'\n");
}

TEST_CASE("a photo comes from standard input") {
  const IndexedShop shop;
  const std::string photo = read_file(shop / "shop/tools/saw.png");
  CHECK(shop.paths({"-", "-k", "1"}, {.input = photo}) == "$W/shop/tools/saw.png\n");
  const ProcessResult nothing = shop.query({"-"}, {.input = ""});
  CHECK(nothing.exit_code == 3);
  CHECK(nothing.err.find("standard input") != std::string::npos);
}

TEST_CASE("--files-from lists photos by line or, with -0, by NUL byte") {
  const IndexedShop shop;
  const std::string expected = "$W/shop/fruit/apple.jpg\n$W/shop/loose.png\n";
  CHECK(shop.paths({"--files-from", "-", "-k", "1"}, {.input = "shop/fruit/apple.jpg\n\nshop/loose.png"}) ==
        expected);
  write_file(shop / "list", "shop/fruit/apple.jpg\nshop/loose.png\n");
  CHECK(shop.paths({"--files-from", "list", "-k", "1"}) == expected);
  fs::copy_file(shop / "shop/loose.png", shop / "odd\nname.png");
  CHECK(shop.paths({"--files-from", "-", "-0", "-k", "1"}, {.input = std::string("odd\nname.png\0", 13)}) ==
        std::string("$W/shop/loose.png\0", 18));
  CHECK(shop.query({"--files-from", "none"}).exit_code == 3);
}

TEST_CASE("--box searches with a region of the photo") {
  const IndexedShop shop;
  // The hammer inside a larger photo.
  const Image hammer = Image::read(shop / "shop/tools/hammer.jpg");
  std::vector<std::uint8_t> pixels(200 * 120 * 3, 127);
  for (int y = 0; y < 48; ++y) {
    const auto row = hammer.pixels().subspan(static_cast<std::size_t>(y) * 48 * 3, 48 * 3);
    std::copy(row.begin(), row.end(), pixels.begin() + ((y + 30) * 200 + 70) * 3);
  }
  write_file(shop / "photo.png", encode_png(Image(200, 120, std::move(pixels))));
  CHECK(shop.paths({"photo.png", "--box", "70,30,48,48", "-k", "1"}) == "$W/shop/tools/hammer.jpg\n");
  const ProcessResult outside = shop.query({"photo.png", "--box", "700,30,48,48"});
  CHECK(outside.exit_code == 2);
}

TEST_CASE("one unreadable photo among several is reported and the others are answered in order") {
  const IndexedShop shop;
  write_file(shop / "broken.jpg", "no picture");
  const ProcessResult result = shop.query({"shop/fruit/apple.jpg", "broken.jpg", "missing.jpg",
                                           "shop/loose.png", "-k", "1", "--format", "paths"});
  CHECK(result.exit_code == 4);
  CHECK(result.out == "$W/shop/fruit/apple.jpg\n$W/shop/loose.png\n");
  CHECK(std::count(result.err.begin(), result.err.end(), '\n') == 2);
  CHECK(result.err.find("broken.jpg") < result.err.find("missing.jpg"));
  CHECK(shop.query({"broken.jpg", "missing.jpg"}).exit_code == 3);
}

TEST_CASE("answers come in the order of many photos") {
  const IndexedShop shop;
  std::string input;
  std::string expected;
  for (int i = 0; i < 20; ++i) {
    const std::string name = i % 3 == 0 ? "shop/loose.png" : "shop/tools/hammer.jpg";
    input += name + "\n";
    expected += "$W/" + name + "\n";
  }
  CHECK(shop.paths({"--files-from", "-", "-k", "1"}, {.input = input}) == expected);
}

TEST_CASE("--verbose says where the time went, on stderr") {
  const IndexedShop shop;
  const ProcessResult result = shop.query({"shop/loose.png", "-v"});
  CHECK(result.exit_code == 0);
  for (const std::string stage :
       {"open the catalogue", "load the network", "decode", "embed", "hamming", "total"}) {
    CHECK(result.err.find(stage) != std::string::npos);
    CHECK(result.out.find(stage) == std::string::npos);
  }
}

TEST_CASE("--exact finds what a small catalogue finds anyway") {
  const IndexedShop shop;
  const std::vector<std::string> photo = {"shop/tools/saw.png"};
  CHECK(shop.paths({photo[0], "--exact"}) == shop.paths(photo));
}

TEST_CASE("--codes-only ranks by Hamming distance") {
  const IndexedShop shop;
  CHECK(shop.paths({"shop/loose.png", "--codes-only", "-k", "1"}) == "$W/shop/loose.png\n");
}

TEST_CASE("a folder without a catalogue is refused with advice") {
  const IndexedShop shop;
  const ProcessResult result = shop.run("vitrine-query", {"shop", "shop/loose.png"});
  CHECK(result.exit_code == 3);
  CHECK(result.err.find("vitrine-index") != std::string::npos);
}

TEST_CASE("--products shows each product once, with how many more pictures of it there are") {
  Workspace workspace;
  std::string list = "path,product\n";
  for (int i = 0; i < 4; ++i) {
    const std::string name = "p" + std::to_string(i) + ".png";
    workspace.add_picture(name, static_cast<std::uint64_t>(i) + 1);
    list += name + (i < 3 ? ",mug\n" : ",plate\n");
  }
  write_file(workspace / "list.csv", list);
  REQUIRE(workspace.run("vitrine-index", {"list.csv", "-o", "shop.vitrine"}).exit_code == 0);
  const auto query = [&](const std::string& format) {
    const ProcessResult result = workspace.run("vitrine-query", {"shop.vitrine", "p0.png", "--products",
                                                                 "--format", format, "--html", "sheet.html"});
    REQUIRE(result.exit_code == 0);
    return result.out;
  };
  const auto hits = nlohmann::json::parse(query("json"))[0]["hits"];
  REQUIRE(hits.size() == 2);
  CHECK(hits[0]["picture"] == "p0.png");
  CHECK(hits[0]["product"] == "mug");
  CHECK(hits[1]["product"] == "plate");
  const std::string table = query("table");
  CHECK(table.find("mug") != std::string::npos);
  // Two products are all there are, so every picture was looked at.
  REQUIRE(hits[0]["more"].size() == 2);
  CHECK_FALSE(hits[1].contains("more"));
  CHECK(table.find("and 2 more") != std::string::npos);
  CHECK(read_file(workspace / "sheet.html").find("2 more pictures") != std::string::npos);
}

TEST_CASE("--quality orders hits by a column as well and --explain says how") {
  Workspace workspace;
  std::string list = "path,product,sales\n";
  for (int i = 0; i < 4; ++i) {
    const std::string name = "p" + std::to_string(i) + ".png";
    workspace.add_picture(name, static_cast<std::uint64_t>(i) + 1);
    list += name + ",product " + std::to_string(i) + "," + (i == 2 ? "" : std::to_string(i * 100)) + "\n";
  }
  write_file(workspace / "list.csv", list);
  REQUIRE(workspace.run("vitrine-index", {"list.csv", "-o", "shop.vitrine"}).exit_code == 0);
  const ProcessResult explained = workspace.run(
      "vitrine-query", {"shop.vitrine", "p0.png", "--quality", "sales", "--strength", "1", "--explain"});
  REQUIRE(explained.exit_code == 0);
  CHECK(explained.out.find("by similarity; sales 300 is above 100 % of the others; quality 1.00") !=
        std::string::npos);
  CHECK(explained.out.find("sales unknown; quality 0.50") != std::string::npos);
  const auto hits = nlohmann::json::parse(
      workspace.run("vitrine-query", {"shop.vitrine", "p0.png", "--quality", "sales:-2", "--json"})
          .out)[0]["hits"];
  CHECK(hits[0]["product"] == "product 0");
  CHECK(hits[0]["quality"]["quality"] == 1.0);
  CHECK(hits[0]["quality"]["similarity_rank"] == 1);
  const auto fails = [&](const std::vector<std::string>& options, const char* part) {
    std::vector<std::string> arguments = {"shop.vitrine", "p0.png"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    const ProcessResult result = workspace.run("vitrine-query", arguments);
    CHECK(result.exit_code == 2);
    CHECK(result.err.find(part) != std::string::npos);
  };
  fails({"--quality", "sale"}, "similar ones: 'sales'");
  fails({"--quality", "sales:much"}, "expected NAME:W");
  fails({"--quality", "sales:0"}, "weight of 'sales'");
  fails({"--explain"}, "--quality");
}

}  // namespace vitrine::test

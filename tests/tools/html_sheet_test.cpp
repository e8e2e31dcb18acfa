// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "common/html_parts.h"
#include "common/html_sheet.h"
#include "tools/text_file.h"
#include "tools/workspace.h"

namespace vitrine::test {
namespace {

std::size_t count(const std::string& text, const std::string& wanted) {
  std::size_t number = 0;
  for (std::size_t at = text.find(wanted); at != std::string::npos; at = text.find(wanted, at + 1)) {
    ++number;
  }
  return number;
}

}  // namespace

TEST_CASE("the page shows every query with its region, categories and hits, and refers to nothing outside") {
  const Workspace work;
  work.add_shop();
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  std::filesystem::remove(work / "shop/tools/saw.png");
  const ProcessResult result =
      work.run("vitrine-query", {"shop.vitrine", "shop/fruit/apple.jpg", "shop/loose.png", "--id",
                                 "tools/hammer/tools/hammer.jpg", "--html", "hits.html"});
  CHECK(result.exit_code == 0);
  const std::string page = work.normalised(read_file(work / "hits.html"));
  CHECK(page.find("<!DOCTYPE html>") == 0);
  CHECK(page.substr(page.size() - 8) == "</html>\n");
  CHECK(count(page, "<section") == 3);
  CHECK(count(page, "<section") == count(page, "</section>"));
  CHECK(count(page, "<li class=\"hit\"") == 6 + 6 + 5);
  CHECK(count(page, "<dt>fruit</dt>") == 3);
  // Three queries and all hits but the deleted picture, which its path stands for.
  CHECK(count(page, "data:image/jpeg;base64,/9j/") == 3 + 17 - 3);
  CHECK(count(page, "<span class=\"missing\">") == 3);
  CHECK(count(page, "/<wbr>shop/<wbr>tools/<wbr>saw.png</span>") == 3);
  CHECK(count(page, "src=\"") == count(page, "src=\"data:"));
  CHECK(count(page, "href") == 0);
  CHECK(count(page, "<script") == 0);
  CHECK(count(page, "url(") == 0);
}

TEST_CASE("the searched region is drawn over the photo in its own pixels") {
  const Workspace work;
  work.add_shop();
  work.add_picture("photo.jpg", 9, 900);
  REQUIRE(work.run("vitrine-index", {"shop"}).exit_code == 0);
  REQUIRE(work.run("vitrine-query",
                   {"shop.vitrine", "photo.jpg", "--box", "100,200,300,400", "--html", "hits.html"})
              .exit_code == 0);
  const std::string page = read_file(work / "hits.html");
  CHECK(count(page, "<svg viewBox=\"0 0 900 900\"") == 1);
  CHECK(count(page, "M100 200H400V600H100Z") == 3);
}

TEST_CASE("hostile product names cannot leave their place in the page") {
  const Workspace work;
  work.add_picture("a.png", 1);
  write_file(
      work / "shop.jsonl",
      R"({"path": "a.png", "product": "<script>alert('1')</script>", "category": "\"><img src=x onerror=alert(2)>"})"
      "\n");
  REQUIRE(work.run("vitrine-index", {"shop.jsonl"}).exit_code == 0);
  REQUIRE(work.run("vitrine-query", {"shop.vitrine", "a.png", "--html", "hits.html"}).exit_code == 0);
  const std::string page = read_file(work / "hits.html");
  CHECK(count(page, "<script") == 0);
  CHECK(count(page, "<img src=x") == 0);
  CHECK(count(page, "&lt;script&gt;alert(&#39;1&#39;)&lt;/") == 2);
  CHECK(count(page, "&quot;&gt;&lt;img src=x onerror=alert(2)&gt;") >= 1);
}

TEST_CASE("markup, control characters and bytes that are not UTF-8 are escaped") {
  CHECK(tools::html_escape("a<b>&\"'") == "a&lt;b&gt;&amp;&quot;&#39;");
  CHECK(tools::html_escape("\xFF\x01") == "\xEF\xBF\xBD\xEF\xBF\xBD");
}

}  // namespace vitrine::test

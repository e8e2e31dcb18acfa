// SPDX-License-Identifier: MIT
#include "catalog/samples.h"

namespace vitrine::test {
namespace {

/// Twelve items, ids 1 to 12, as item_of() describes them.
class Shop {
 public:
  Shop() : catalog(Catalog::create(folder_.shop(), small_identity())) {
    for (int i = 1; i <= 12; ++i) add(catalog, i);
    catalog.commit();
  }

 private:
  CatalogFolder folder_;

 public:
  Catalog catalog;
};

void add_with(Catalog& catalog, int number, const std::string& attributes,
              const std::map<std::string, double>& quality = {}) {
  Item item = item_of(number);
  item.attributes_json = attributes;
  item.quality = quality;
  catalog.upsert(item, code_of(number), feature_of(number));
}

using Ids = std::vector<ItemId>;

}  // namespace

TEST_CASE("a selection can use every column by name, in any case") {
  const Shop shop;
  const Catalog& catalog = shop.catalog;
  CHECK(catalog.select("product = 'product-3'") == Ids{3});
  CHECK(catalog.select("PICTURE = 'front' AND Width = 640 AND height < 483") == Ids{1, 2});
  CHECK(catalog.select("path LIKE '%/1_.jpg'") == Ids{10, 11, 12});
  CHECK(catalog.select("category = 'bag' AND price > 10") == Ids{7, 9, 11});
  CHECK(catalog.select("COLOUR = 'red'") == Ids{3, 6, 9, 12});
  CHECK(catalog.select("\"colour\" = 'red' and (price between 4 and 10)") == Ids{3, 6});
  CHECK(catalog.select("product IN ('product-1', 'it''s; -- (no comment)')") == Ids{1});
  CHECK(catalog.select("price * 2 = 3.0 OR upper(colour) = 'RED' AND price > 15") == Ids{1, 12});
  CHECK(catalog.select("1").size() == 12);
  CHECK(catalog.select("0").empty());
  CHECK(catalog.select("NULL").empty());
  CHECK(catalog.select(" \n price\t=\n1.5 \n") == Ids{1});
}

TEST_CASE("attribute keys of any form can be asked for in double quotes") {
  Shop shop;
  add_with(shop.catalog, 20,
           R"({"a \"quoted\" key": 7, "semi;colon": "x", "select": true, "back\\slash": 1})");
  add_with(shop.catalog, 21, "{\"gr\\u00f6\\u00dfe\": 42}");
  add_with(shop.catalog, 22,
           "{\"gr\xc3\xb6\xc3\x9f"
           "e\": 43, \"list\": [1, 2]}");
  const Catalog& catalog = shop.catalog;
  CHECK(catalog.select(R"("a ""quoted"" key" = 7)") == Ids{13});
  CHECK(catalog.select(R"("semi;colon" = 'x')") == Ids{13});
  CHECK(catalog.select(R"("select")") == Ids{13});
  CHECK(catalog.select(R"("back\slash" = 1)") == Ids{13});
  CHECK(catalog.select("gr\xc3\xb6\xc3\x9f"
                       "e > 0") == Ids{14, 15});
  CHECK(catalog.select("json_extract(list, '$[1]') = 2") == Ids{15});
}

TEST_CASE("spellings that differ in case are one column, a quality column comes before an attribute") {
  Shop shop;
  add_with(shop.catalog, 20, R"({"Size": 5})");
  add_with(shop.catalog, 21, R"({"size": 5, "PRICE": 1000})");
  add_with(shop.catalog, 22, R"({"size": 6, "price": 2000, "product": "hidden"})", {{"Price", 3}});
  CHECK(shop.catalog.select("size = 5") == Ids{13, 14});
  CHECK(shop.catalog.select("price = 1000") == Ids{14});
  CHECK(shop.catalog.select("price = 2000").empty());
  CHECK(shop.catalog.select("product = 'hidden'").empty());
}

TEST_CASE("a selection that is not one valid expression is refused with its position") {
  const Shop shop;
  const auto refuse = [&](const std::string& where, const std::string& part) {
    INFO(where);
    check_fails([&] { (void)shop.catalog.select(where); }, ErrorCode::kInvalidArgument, part);
  };
  refuse("", "empty");
  refuse("  ", "empty");
  refuse("price <", "byte 8");
  refuse("price < 5)", "byte 10: this parenthesis was not opened");
  refuse("(price < 5", "byte 1: this parenthesis is not closed");
  refuse("1) UNION SELECT (1", "byte 2");
  refuse("1; DROP TABLE items", "byte 2: only one expression");
  refuse("1 -- rest", "comments");
  refuse("1 /* rest", "comments");
  refuse("product = 'open", "byte 11: this quote is not closed");
  refuse("(SELECT count(*) FROM items)", "byte 2: sub-queries");
  refuse("product IN (VALUES ('x'))", "sub-queries");
  refuse("EXISTS (with a as (select 1) select 1)", "sub-queries");
  refuse("product IN items", "no such table");
  refuse("product IN sqlite_schema", "prohibited");
  refuse("product IN json_each('[1]')", "");
  refuse("product = ?", "parameters");
  refuse("product = :name", "parameters");
  refuse("product = $name", "parameters");
  refuse("1 ORDER BY 1", "syntax error");
  refuse("1, 2", "");
  refuse("price = 1 price", "syntax error");
  refuse("count(*) > 1", "aggregate");
  refuse("load_extension('x')", "not authorized");
  refuse("PRAGMA user_version", "syntax error");
  refuse("ATTACH 'x' AS y", "syntax error");
  refuse("nosuch(1)", "no such function");
  refuse("rowid = 1", "no such column");
  refuse("item_id = 1", "no such column");
  refuse("attributes = '{}'", "no such column");
  refuse("abs(-9223372036854775807 - 1)", "overflow");
  refuse("length(zeroblob(500000000)) > 0 AND price > 0", "too big");
  refuse(std::string("1\0 2", 4), "zero byte");
  refuse(std::string(2'000'000, ' ') + "1", "1 MiB");
}

TEST_CASE("an unknown column is answered with the available ones") {
  const Shop shop;
  for (const char* where : {"price > 1 AND prise < 3", "price > 1 AND \"prise\" < 3"}) {
    const Error error = error_of([&] { (void)shop.catalog.select(where); });
    CHECK(error.code() == ErrorCode::kInvalidArgument);
    CHECK_THAT(error.what(),
               Catch::Contains("no such column: prise") && Catch::Contains("byte 15") &&
                   Catch::Contains("product, picture, path, category, width, height, colour, price"));
  }
}

TEST_CASE("an expression without end meets the operation budget") {
  const Shop shop;
  std::string sum = "price";
  for (int i = 0; i < 900; ++i) sum += "+price";
  std::string where = "1";
  for (int i = 0; i < 90; ++i) where += " AND (" + sum + "+" + std::to_string(i) + ")";
  check_fails([&] { (void)shop.catalog.select(where); }, ErrorCode::kResource, "operations");
  CHECK(shop.catalog.select("price = 1.5") == Ids{1});
}

}  // namespace vitrine::test

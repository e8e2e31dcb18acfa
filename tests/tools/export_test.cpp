// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tools/text_file.h"
#include "tools/workspace.h"
#include "vitrine/catalog.h"

namespace vitrine::test {
namespace {

/// The values of a NumPy array, after a look at its header.
std::string npy_values(const std::filesystem::path& file, const std::string& descr,
                       const std::string& shape) {
  const std::string bytes = read_file(file);
  constexpr std::size_t kHeaderBytes = 128;
  REQUIRE(bytes.size() >= kHeaderBytes);
  CHECK(bytes.substr(0, 8) == std::string("\x93NUMPY\x01\x00", 8));
  CHECK(bytes.find("'descr': '" + descr + "'") != std::string::npos);
  CHECK(bytes.find("'shape': " + shape) != std::string::npos);
  return bytes.substr(kHeaderBytes);
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream stream(line);
  for (std::string field; std::getline(stream, field, '\t');) fields.push_back(field);
  return fields;
}

/// A catalogue whose texts would break a careless writer.
void make_shop(const Workspace& work) {
  work.add_shop();
  write_file(
      work / "feed.jsonl",
      R"({"product":"tab\there","picture":"back\\slash\n","path":"shop/fruit/apple.jpg","price":1.5,"attributes":{"a":"\t\\"}})"
      "\n"
      R"({"product":"plain","picture":"p","path":"shop/fruit/pear.png","category":"fruit"})"
      "\n");
  REQUIRE(work.run("vitrine-index", {"--apply", "feed.jsonl", "-o", "shop.vitrine"}).exit_code == 0);
}

}  // namespace

TEST_CASE("NumPy arrays and lines of items are what the catalogue holds") {
  const Workspace work;
  make_shop(work);
  REQUIRE(work.run("vitrine-admin", {"shop.vitrine", "export", "out"}).exit_code == 0);
  const Catalog catalog = Catalog::open(work / "shop.vitrine");
  const std::size_t code_bytes = catalog.identity().code_bits / 8;
  const std::size_t dim = catalog.identity().feature_dim;
  const std::string codes =
      npy_values(work / "out/codes.npy", "|u1", "(2, " + std::to_string(code_bytes) + ")");
  const std::string features =
      npy_values(work / "out/features.npy", "<f2", "(2, " + std::to_string(dim) + ")");
  REQUIRE(codes.size() == 2 * code_bytes);
  REQUIRE(features.size() == 2 * dim * sizeof(Half));
  const std::vector<std::string> lines = lines_of(read_file(work / "out/items.jsonl"));
  REQUIRE(lines.size() == 2);
  std::size_t i = 0;
  catalog.for_each_row([&](const Catalog::Row& row) {
    const Item item = *catalog.item(row.id);
    const auto object = nlohmann::json::parse(lines[i]);
    CHECK(object["row"] == i);
    CHECK(object["item_id"] == row.id);
    CHECK(object["product"] == item.key.product);
    CHECK(object["picture"] == item.key.picture);
    CHECK(object["path"] == item.path);
    CHECK(object["category"] == item.category);
    CHECK(object["attributes"] == nlohmann::json::parse(item.attributes_json));
    CHECK(object["quality"].get<std::map<std::string, double>>() == item.quality);
    CHECK(std::memcmp(codes.data() + i * code_bytes, row.code.data(), code_bytes) == 0);
    CHECK(std::memcmp(features.data() + i * dim * sizeof(Half), row.feature, dim * sizeof(Half)) == 0);
    ++i;
  });
}

TEST_CASE("PostgreSQL's COPY gets one line an item, with texts escaped, bits and numbers") {
  const Workspace work;
  make_shop(work);
  REQUIRE(work.run("vitrine-admin", {"shop.vitrine", "export", "out", "--format", "pgvector"}).exit_code ==
          0);
  const Catalog catalog = Catalog::open(work / "shop.vitrine");
  const std::string schema = read_file(work / "out/schema.sql");
  CHECK(schema.find("code bit(" + std::to_string(catalog.identity().code_bits) + ")") != std::string::npos);
  CHECK(schema.find("feature halfvec(" + std::to_string(catalog.identity().feature_dim) + ")") !=
        std::string::npos);
  const std::vector<std::string> lines = lines_of(read_file(work / "out/items.copy"));
  REQUIRE(lines.size() == 2);
  CHECK(split(lines[0])[1] == "tab\\there");
  CHECK(split(lines[0])[2] == "back\\\\slash\\n");
  CHECK(split(lines[0])[5] == R"({"a":"\\t\\\\"})");
  CHECK(split(lines[0])[6] == R"({"price":1.5})");
  std::size_t i = 0;
  catalog.for_each_row([&](const Catalog::Row& row) {
    const std::vector<std::string> fields = split(lines[i++]);
    REQUIRE(fields.size() == 9);
    CHECK(fields[0] == std::to_string(row.id));
    REQUIRE(fields[7].size() == catalog.identity().code_bits);
    for (std::size_t bit = 0; bit < fields[7].size(); ++bit) {
      const bool is_set = (std::to_integer<unsigned>(row.code[bit / 8]) >> (bit % 8) & 1U) != 0;
      CHECK((fields[7][bit] == '1') == is_set);
    }
    const auto numbers = nlohmann::json::parse(fields[8]).get<std::vector<float>>();
    CHECK(to_half(numbers) == std::vector<Half>(row.feature, row.feature + catalog.identity().feature_dim));
  });
}

TEST_CASE("an empty catalogue is exported in every form") {
  const Workspace work;
  write_file(work / "feed.jsonl", "");
  REQUIRE(work.run("vitrine-index", {"--apply", "feed.jsonl", "-o", "shop.vitrine"}).exit_code == 0);
  for (const std::string format : {"npy", "faiss", "pgvector"}) {
    const ProcessResult result =
        work.run("vitrine-admin", {"shop.vitrine", "export", format, "--format", format, "--json"});
    INFO(result.err);
    CHECK(result.exit_code == 0);
    CHECK(nlohmann::json::parse(result.out) ==
          nlohmann::json({{"schema", "vitrine.export/1"}, {"folder", format}, {"items", 0}}));
  }
  CHECK(read_file(work / "npy/items.jsonl").empty());
  CHECK(read_file(work / "pgvector/items.copy").empty());
}

}  // namespace vitrine::test

// SPDX-License-Identifier: MIT
#include "engine/csv_reader.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "vitrine/error.h"

using vitrine::Error;
using vitrine::ErrorCode;
using vitrine::engine::CsvReader;
using vitrine::engine::CsvRecord;

namespace {

using Fields = std::vector<std::string>;

std::vector<CsvRecord> read_all(std::string_view text) {
  CsvReader reader(text);
  std::vector<CsvRecord> records;
  while (auto record = reader.next()) records.push_back(*record);
  return records;
}

}  // namespace

TEST_CASE("CSV lines end in LF, CRLF or the end of the text") {
  const auto records = read_all("a,b\r\nc,d\ne,f");
  REQUIRE(records.size() == 3);
  CHECK(records[0].fields == Fields{"a", "b"});
  CHECK(records[1].fields == Fields{"c", "d"});
  CHECK(records[2].fields == Fields{"e", "f"});
}

TEST_CASE("quoted CSV fields hold commas, doubled quotes and line ends, and lines are counted through them") {
  const auto records = read_all("\"a,1\",\"say \"\"hi\"\"\"\n\"two\r\nlines\",x\nlast,y\n");
  REQUIRE(records.size() == 3);
  CHECK(records[0].fields == Fields{"a,1", "say \"hi\""});
  CHECK(records[1].fields == Fields{"two\r\nlines", "x"});
  CHECK(records[2].line == 4);
}

TEST_CASE("a byte order mark and empty lines are passed over") {
  const auto records = read_all(
      "\xEF\xBB\xBF"
      "path\n\n\r\nx\n");
  REQUIRE(records.size() == 2);
  CHECK(records[0].fields == Fields{"path"});
  CHECK(records[1].line == 4);
}

TEST_CASE("empty CSV fields are kept") {
  const auto records = read_all(",,\n\"\",x,\n");
  REQUIRE(records.size() == 2);
  CHECK(records[0].fields == Fields{"", "", ""});
  CHECK(records[1].fields == Fields{"", "x", ""});
}

TEST_CASE("stray quotes make a CSV record bad, not the next one") {
  const auto records = read_all("a\"b,c\n\"a\"b,c\nok,ok\n");
  REQUIRE(records.size() == 3);
  CHECK_FALSE(records[0].problem.empty());
  CHECK_FALSE(records[1].problem.empty());
  CHECK(records[2].problem.empty());
  CHECK(records[2].fields == Fields{"ok", "ok"});
}

TEST_CASE("a quote that is never closed and an endless record end the reading") {
  for (const std::string& text : {std::string("a,\"b\nc,d\n"), "a," + std::string(3 << 20, 'x'),
                                  "\"" + std::string(3 << 20, '\n') + "\""}) {
    try {
      read_all(text);
      FAIL("expected an error");
    } catch (const Error& error) {
      CHECK(error.code() == ErrorCode::kCorrupt);
      CHECK(std::string(error.what()).starts_with("line 1:"));
    }
  }
}

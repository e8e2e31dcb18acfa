// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "common/help_text.h"
#include "common/progress_bar.h"
#include "common/thumbnail.h"
#include "common/utf8.h"

namespace vitrine::tools {
namespace {

std::string base64_of(std::string_view text) {
  return base64(std::as_bytes(std::span(text)));
}

}  // namespace

TEST_CASE("bytes that are not UTF-8 become U+FFFD") {
  const std::string replacement = "\xEF\xBF\xBD";
  CHECK(to_valid_utf8("plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x91\x9F") ==
        "plain, \xC3\xA9, \xE2\x82\xAC, \xF0\x9F\x91\x9F");
  CHECK(to_valid_utf8("a\xFF"
                      "b") == "a" + replacement + "b");
  CHECK(to_valid_utf8("\xC3") == replacement);                                      // cut off
  CHECK(to_valid_utf8("\xC0\xAF") == replacement + replacement);                    // overlong
  CHECK(to_valid_utf8("\xED\xA0\x80") == replacement + replacement + replacement);  // surrogate
  CHECK(to_valid_utf8("\xF4\x90\x80\x80") ==
        replacement + replacement + replacement + replacement);  // too large
}

TEST_CASE("escaped names stay on one line and can be read back") {
  CHECK(escape_bytes("a\tb\nc\\d\xFF\xC3\xA9") == "a\\x09b\\x0ac\\x5cd\\xff\xC3\xA9");
}

TEST_CASE("control characters cannot reach the terminal") {
  CHECK(without_controls("red\x1b[31m\x07\xFF") == "red?[31m?\xFF");
}

TEST_CASE("base64 follows the vectors of RFC 4648") {
  CHECK(base64_of("").empty());
  CHECK(base64_of("f") == "Zg==");
  CHECK(base64_of("fo") == "Zm8=");
  CHECK(base64_of("foo") == "Zm9v");
  CHECK(base64_of("foobar") == "Zm9vYmFy");
}

TEST_CASE("a long option text is wrapped beside the names") {
  CHECK(help_entry("o", "output", "SHOP", "the catalogue") == "  -o, --output SHOP       the catalogue\n");
  CHECK(help_entry("", "a-very-long-option", "VALUE", "text") ==
        "      --a-very-long-option VALUE\n                          text\n");
}

TEST_CASE("the progress line shows done, rate, time left and failures, and never exceeds its width") {
  const IngestProgress progress{.num_total = 400, .num_done = 100, .num_failed = 2};
  CHECK(progress_line(progress, 10, 79) ==
        "[=======>                      ] 100/400  10.0 pictures/s  0:30 left  2 failed");
  for (std::size_t width = 1; width < 120; ++width) {
    CHECK(progress_line(progress, 10, width).size() <= width);
  }
  CHECK(progress_line({.num_total = 9000, .num_done = 1}, 1, 79).find("2:29:59 left") != std::string::npos);
}

TEST_CASE("the progress line copes with nothing to do and with no time passed") {
  CHECK(progress_line({}, 0, 79) == "0/0  0.0 pictures/s");
  CHECK(progress_line({.num_total = 5, .num_done = 5}, 0, 40) == "[=================] 5/5  0.0 pictures/s");
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "engine/printable_name.h"

#include <catch2/catch.hpp>

using vitrine::engine::is_valid_utf8;
using vitrine::engine::printable_name;

TEST_CASE("UTF-8 names stay as they are") {
  CHECK(printable_name("") == "");
  CHECK(printable_name("red shoe.jpg") == "red shoe.jpg");
  CHECK(printable_name("caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x91\x9F") ==
        "caf\xC3\xA9 \xE2\x82\xAC \xF0\x9F\x91\x9F");
}

TEST_CASE("bytes that are not UTF-8 are written in hexadecimal") {
  CHECK(printable_name("caf\xE9.jpg") == "caf%E9.jpg");
  CHECK(printable_name("\xC3") == "%C3");                       // cut off
  CHECK(printable_name("\xC0\xAF") == "%C0%AF");                // overlong
  CHECK(printable_name("\xED\xA0\x80") == "%ED%A0%80");         // surrogate
  CHECK(printable_name("\xF4\x90\x80\x80") == "%F4%90%80%80");  // beyond Unicode
  CHECK(printable_name("a\xE2\x82z") == "a%E2%82z");
}

TEST_CASE("control characters are written in hexadecimal but are valid UTF-8") {
  CHECK(printable_name("a\nb\x7F") == "a%0Ab%7F");
  CHECK(is_valid_utf8("a\nb"));
  CHECK_FALSE(is_valid_utf8("\xFF"));
}

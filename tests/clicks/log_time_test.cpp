// SPDX-License-Identifier: MIT
#include "clicks/log_time.h"

#include <catch2/catch.hpp>

namespace vitrine::clicks {

TEST_CASE("times are seconds since the epoch or ISO 8601") {
  CHECK(parse_time("0") == 0);
  CHECK(parse_time("1767225600.25") == 1767225600.25);
  CHECK(parse_time("2026-01-01T00:00:00Z") == 1767225600);
  CHECK(parse_time("2026-01-01 00:00:00") == 1767225600);
  CHECK(parse_time("2026-01-01T00:00:00.250Z") == 1767225600.25);
  CHECK(parse_time("2026-01-01T01:30:00+01:30") == 1767225600);
  CHECK(parse_time("2025-12-31T21:00:00-0300") == 1767225600);
  CHECK(parse_time("2024-02-29T00:00:00Z") == 1709164800);
}

TEST_CASE("what is no time is refused") {
  for (const char* text : {"", "yesterday", "nan", "inf", "12 ", "2026-01-01", "2026-02-30T00:00:00Z",
                           "2026-01-01T24:00:00Z", "2026-01-01T00:61:00Z", "2026-01-01T00:00:00+1",
                           "2026-01-01T00:00:00X", "2026-1-1T0:0:0", "2026-01-01T00:00:00.Zx"}) {
    INFO(text);
    CHECK_FALSE(parse_time(text));
  }
}

}  // namespace vitrine::clicks

// SPDX-License-Identifier: MIT
#include "engine/line_reader.h"

#include <catch2/catch.hpp>

namespace vitrine::engine {

TEST_CASE("lines are numbered, blank ones passed over, CRLF and the byte order mark taken off") {
  LineReader reader("\xEF\xBB\xBF\n \t\r\nfirst\r\n\nlast");
  const std::optional<Line> first = reader.next();
  REQUIRE(first);
  CHECK(first->number == 3);
  CHECK(first->text == "first");
  CHECK(reader.remaining_bytes() == 5);
  const std::optional<Line> last = reader.next();
  REQUIRE(last);
  CHECK(last->number == 5);
  CHECK(last->text == "last");
  CHECK_FALSE(reader.next());
}

}  // namespace vitrine::engine

// SPDX-License-Identifier: MIT
#include "category/line_search.h"

#include <catch2/catch.hpp>
#include <cmath>

using vitrine::category::minimize;

TEST_CASE("the lowest of several valleys is found, inside and at the ends") {
  CHECK(minimize(-3, 5, 21, [](double x) { return (x - 1.234) * (x - 1.234); }) ==
        Approx(1.234).margin(1e-4));
  CHECK(minimize(0, 1, 11, [](double x) { return x; }) == Approx(0).margin(1e-4));
  CHECK(minimize(0, 1, 11, [](double x) { return -x; }) == Approx(1).margin(1e-4));
  // Valleys at about -2 and 2, the second one deeper.
  CHECK(minimize(-4, 4, 41, [](double x) { return std::pow(x * x - 4, 2) - x; }) ==
        Approx(2.031).margin(1e-2));
}

// SPDX-License-Identifier: MIT
#pragma once
#include <cmath>
#include <cstdio>
#include <string>

namespace vitrine::tools {

/// A printf format of numbers with its values, as text; cut off after 255 bytes.
template <typename... Values>
std::string formatted(const char* format, Values... values) {
  char text[256];
  std::snprintf(text, sizeof text, format, values...);
  return text;
}

/// To six digits after the point: as many as figures in JSON are worth.
inline double rounded(double value) {
  return std::round(value * 1e6) / 1e6;
}

}  // namespace vitrine::tools

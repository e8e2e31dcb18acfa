// SPDX-License-Identifier: MIT
#pragma once
/// Curves on a page of figures (report_page.h).
#include <string>
#include <utility>
#include <vector>

namespace vitrine::tools {

struct ChartLine {
  std::string name;                               ///< text
  std::vector<std::pair<double, double>> points;  ///< (x, y), ascending x; NaN y are left out
};

struct ChartAxes {
  int first_x = 0;  ///< whole numbers, marked below the chart
  int last_x = 1;
  double top = 1;  ///< y at the upper edge; 0 is at the lower one
  std::string top_text;
};

/// Goes behind the style of report_page.h.
extern const char* const kLineChartStyle;

/// A section with all lines that have points, and a key to their colours; empty if none has. At most four
/// lines.
std::string line_chart_section(const std::string& title, const std::string& about,
                               const std::vector<ChartLine>& lines, const ChartAxes& axes);

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "common/line_chart.h"

#include <algorithm>
#include <cmath>

#include "common/html_parts.h"
#include "common/report_page.h"
#include "common/svg_parts.h"

namespace vitrine::tools {
namespace {

constexpr double kWidth = 560, kHeight = 250, kLeft = 52, kRight = 12, kBottom = 30, kTop = 14;
constexpr int kMaxMarks = 10;  // on the x axis

double x_of(const ChartAxes& axes, double x) {
  const int length = std::max(1, axes.last_x - axes.first_x);
  return kLeft + (kWidth - kLeft - kRight) * (x - axes.first_x) / length;
}

double y_of(const ChartAxes& axes, double y) {
  return kHeight - kBottom - (kHeight - kBottom - kTop) * std::clamp(y / axes.top, 0.0, 1.0);
}

std::string drawn_axes(const ChartAxes& axes) {
  const auto level = [&](double y, const char* style) {
    return svg_line(kLeft, y_of(axes, y), kWidth - kRight, y_of(axes, y), style);
  };
  std::string content = level(0, "axis") + level(axes.top / 2, "grid") + level(axes.top, "grid") +
                        svg_text(kLeft - 6, y_of(axes, axes.top) + 4, "end", axes.top_text) +
                        svg_text(kLeft - 6, y_of(axes, 0), "end", "0");
  const int step = std::max(1, (axes.last_x - axes.first_x + kMaxMarks - 1) / kMaxMarks);
  for (int x = axes.first_x; x <= axes.last_x; x += step)
    content += svg_text(x_of(axes, x), kHeight - 10, "middle", std::to_string(x));
  return content;
}

// Empty without a number.
std::string drawn(const ChartLine& line, const ChartAxes& axes, const std::string& colour) {
  std::string path, dots;
  for (const auto& [x, y] : line.points) {
    if (std::isnan(y)) continue;
    const std::string left = fixed(x_of(axes, x));
    const std::string height = fixed(y_of(axes, y));
    path += (path.empty() ? "M" : "L") + left + " " + height;
    dots += "<circle r=\"3\" cx=\"" + left + "\" cy=\"" + height + "\" style=\"fill:" + colour + "\"/>";
  }
  if (path.empty()) return {};
  return "<path class=\"curve\" style=\"stroke:" + colour + "\" d=\"" + path + "\"/>" + dots;
}

}  // namespace

const char* const kLineChartStyle = R"css(
:root { --c0: #b3432b; --c1: #3d6fa8; --c2: #4c8a3f; --c3: #8a63a8; }
@media (prefers-color-scheme: dark) { :root { --c0: #f0876c; --c1: #7ba9dd; --c2: #8ac47c; --c3: #c09be0; } }
.grid { stroke: var(--line); stroke-dasharray: 2 4; }
.curve { fill: none; stroke-width: 2px; stroke-linejoin: round; }
.line-key { margin-right: 14px; white-space: nowrap; }
.line-key::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 5px; border-radius: 2px; background: var(--colour); }
)css";

std::string line_chart_section(const std::string& title, const std::string& about,
                               const std::vector<ChartLine>& lines, const ChartAxes& axes) {
  std::string content, keys;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string colour = "var(--c" + std::to_string(i) + ")";
    const std::string line = drawn(lines[i], axes, colour);
    if (line.empty()) continue;
    content += line;
    keys += "<span class=\"line-key\" style=\"--colour:" + colour + "\">" + html_escape(lines[i].name) +
            "</span>";
  }
  if (content.empty()) return {};
  return report_section(title, about + "<br>" + keys,
                        svg_drawing(kWidth, kHeight, title, drawn_axes(axes) + content));
}

}  // namespace vitrine::tools

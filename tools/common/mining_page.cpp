// SPDX-License-Identifier: MIT
#include "common/mining_page.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>

#include "common/drop_reasons.h"
#include "common/html_parts.h"
#include "common/output_file.h"
#include "common/report_page.h"
#include "common/svg_parts.h"

namespace vitrine::tools {
namespace {

constexpr const char* kPageStyle = R"css(
:root { --click: #b3432b; --pass: #5b7fa6; }
@media (prefers-color-scheme: dark) { :root { --click: #f0876c; --pass: #7ba3cc; } }
.click { fill: var(--click); fill-opacity: .6; } .pass { fill: var(--pass); fill-opacity: .55; }
.threshold { stroke: var(--ink); stroke-width: 1.5px; stroke-dasharray: 5 4; } text.threshold-name { fill: var(--ink); }
.curve { fill: none; stroke: var(--ink); stroke-width: 1.5px; }
.key::before { content: ""; display: inline-block; width: 10px; height: 10px; margin-right: 5px; border-radius: 2px; background: var(--click); }
.key.of-pass::before { background: var(--pass); } .key + .key { margin-left: 14px; }
)css";

constexpr double kWidth = 560, kHeight = 230, kLeft = 54, kBottom = 30, kTop = 22;

std::string bar(double x, double width, double share, const std::string& style) {
  const double height = share * (kHeight - kBottom - kTop);
  return "<rect x=\"" + fixed(x) + "\" y=\"" + fixed(kHeight - kBottom - height) + "\" width=\"" +
         fixed(width) + "\" height=\"" + fixed(height) + "\" class=\"" + style + "\"/>";
}

/// A chart with a left axis from 0 to `top` per cent.
std::string chart(const std::string& label, double top, const std::string& content) {
  return svg_drawing(kWidth, kHeight, label,
                     content + svg_line(kLeft, kHeight - kBottom, kWidth, kHeight - kBottom, "axis") +
                         svg_text(kLeft - 6, kTop + 4, "end", fixed(top * 100) + " %") +
                         svg_text(kLeft - 6, kHeight - kBottom, "end", "0"));
}

double total(const std::vector<std::uint64_t>& bins) {
  double sum = 0;
  for (const std::uint64_t bin : bins) sum += static_cast<double>(bin);
  return std::max(sum, 1.0);
}

std::string histogram_chart(const DistanceHistogram& histogram, double threshold, const std::string& name) {
  if (histogram.clicked.empty()) return "<p>No page view with a kept click.</p>";
  const double num_clicked = total(histogram.clicked), num_passed = total(histogram.not_clicked);
  double top = 0;
  for (std::size_t i = 0; i < histogram.clicked.size(); ++i)
    top = std::max({top, static_cast<double>(histogram.clicked[i]) / num_clicked,
                    static_cast<double>(histogram.not_clicked[i]) / num_passed});
  top = std::max(top, 1e-9);
  const double bins = static_cast<double>(histogram.clicked.size());
  const double high = histogram.low + histogram.bin_width * bins;
  const auto x_of = [&](double distance) {
    return kLeft + (distance - histogram.low) / (high - histogram.low) * (kWidth - kLeft);
  };
  const double width = (kWidth - kLeft) / bins;
  std::string content;
  for (std::size_t i = 0; i < histogram.clicked.size(); ++i) {
    const double x = kLeft + static_cast<double>(i) * width;
    content += bar(x, width, static_cast<double>(histogram.not_clicked[i]) / num_passed / top, "pass");
    content += bar(x, width, static_cast<double>(histogram.clicked[i]) / num_clicked / top, "click");
  }
  for (double tick = std::ceil(histogram.low); tick <= high; ++tick)
    content += svg_text(x_of(tick), kHeight - 10, "middle", fixed(tick, 0));
  if (threshold >= histogram.low && threshold <= high) {
    content += svg_line(x_of(threshold), kTop - 8, x_of(threshold), kHeight - kBottom, "threshold");
    const bool left = threshold > (histogram.low + high) / 2;
    content += svg_text(x_of(threshold) + (left ? -6 : 6), kTop, left ? "end" : "start",
                        name + " = " + fixed(threshold, 2), "threshold-name");
  }
  return chart("distances, " + name, top, content);
}

std::string position_chart(const std::vector<PositionFigures>& positions) {
  constexpr std::size_t kMostShown = 60;
  const std::size_t count = std::min(positions.size(), kMostShown);
  if (count == 0) return "<p>Nothing was shown.</p>";
  const auto rate = [&](std::size_t i) {
    return static_cast<double>(positions[i].num_clicked) /
           static_cast<double>(std::max<std::uint64_t>(positions[i].num_shown, 1));
  };
  double top = 1e-9;
  for (std::size_t i = 0; i < count; ++i) top = std::max(top, rate(i));
  const double width = (kWidth - kLeft) / static_cast<double>(count);
  std::string content, curve;
  for (std::size_t i = 0; i < count; ++i) {
    const double x = kLeft + static_cast<double>(i) * width;
    content += bar(x + width * 0.1, width * 0.8, rate(i) / top, "click");
    const double y = kHeight - kBottom - positions[i].examination * (kHeight - kBottom - kTop);
    curve += (i == 0 ? "M" : "L") + fixed(x + width / 2) + " " + fixed(y);
    if (i % (count > 24 ? 5 : 1) == 0)
      content += svg_text(x + width / 2, kHeight - 10, "middle", std::to_string(i + 1));
  }
  return chart("click rate by position", top, content + "<path class=\"curve\" d=\"" + curve + "\"/>");
}

std::string purity_text(const Purity& before, const Purity& after) {
  const auto share = [](const Purity& purity) {
    return purity.num_known == 0 ? std::string("-")
                                 : fixed(100.0 * static_cast<double>(purity.num_right) /
                                         static_cast<double>(purity.num_known)) +
                                       " %";
  };
  return share(before) + " → " + share(after);
}

std::string figures_table(const MiningReport& report) {
  std::string rows = report_row("page views", std::to_string(report.num_views)) +
                     report_row("clicks", std::to_string(report.num_clicks)) +
                     report_row("clicks kept", std::to_string(report.num_kept_clicks)) +
                     report_row("non-clicks kept", std::to_string(report.num_kept_negatives)) +
                     report_row("triplets", std::to_string(report.num_triplets));
  for (std::size_t i = 0; i < report.weights.size(); ++i)
    rows += report_row("weight of " + html_escape(report.features[i]), fixed(report.weights[i], 2));
  if (report.clicks_before.num_known > 0)
    rows += report_row("right positives, before and after",
                       purity_text(report.clicks_before, report.clicks_after));
  if (report.negatives_before.num_known > 0)
    rows += report_row("right negatives, before and after",
                       purity_text(report.negatives_before, report.negatives_after));
  return "<table>" + rows + "</table>";
}

}  // namespace

void write_mining_page(const std::filesystem::path& file, const MiningReport& report) {
  const std::string key =
      "<br><span class=\"key\">clicked</span><span class=\"key of-pass\">examined, not clicked</span>";
  std::string notes;
  for (const std::string& note : report.notes) notes += "<p>" + html_escape(note) + "</p>";
  OutputFile output(file);
  output.stream()
      << page_head("Triplets from clicks", std::string(kReportStyle) + kPageStyle)
      << "<header><h1>Triplets from clicks</h1>" << notes << "</header>\n<main>\n"
      << report_section("Distance to the photo",
                        "Clicks right of epsilon are dropped: another product." + key,
                        histogram_chart(report.to_query, report.epsilon, "epsilon"))
      << report_section("Distance to the photo or the nearest kept click",
                        "Non-clicks left of gamma are dropped: the same product." + key,
                        histogram_chart(report.to_nearest, report.gamma, "gamma"))
      << report_section(
             "Click rate by position",
             "Bars: share of views with a click there. Line, from 0 to 1: estimated share of users who "
             "look there; a click weighs its inverse.",
             position_chart(report.positions))
      << report_section("Result", "Distances are in standard deviations of random pairs; 0 is their mean.",
                        figures_table(report))
      << report_section("Dropped",
                        "Page views and items that are in no triplet, by the first reason that applied.",
                        dropped_table({report.num_dropped, report.num_clock_backwards}))
      << "</main>\n</body>\n</html>\n";
  output.close();
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "common/grouping_page.h"

#include <algorithm>
#include <string>

#include "common/drop_reasons.h"
#include "common/html_parts.h"
#include "common/output_file.h"
#include "common/report_page.h"

namespace vitrine::tools {
namespace {

constexpr const char* kPageStyle = R"css(
.strip { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 8px; margin-top: 10px; }
.strip .picture { border-radius: 6px; overflow: hidden; } .strip .picture img { padding: 0; }
.strip .picture.photo { outline: 2px solid var(--accent); outline-offset: -2px; }
)css";

constexpr std::size_t kShownGroups = 30;
constexpr std::size_t kShownPictures = 12;

/// `count` of `size` places, evenly, the first among them.
std::vector<std::size_t> even_places(std::size_t size, std::size_t count) {
  std::vector<std::size_t> places;
  count = std::min(size, count);
  for (std::size_t i = 0; i < count; ++i) places.push_back(i * size / count);
  return places;
}

std::string group_section(const ClickGroup& group) {
  std::string strip;
  for (const std::size_t place : even_places(group.pictures.size(), kShownPictures)) {
    const GroupedPicture& picture = group.pictures[place];
    strip += std::string("<div class=\"picture") + (picture.from_catalog ? "" : " photo") + "\" title=\"" +
             html_escape(picture.path.string()) + "\">" + picture_html(picture.path.string(), group.name) +
             "</div>";
  }
  const auto num_photos = std::count_if(group.pictures.begin(), group.pictures.end(),
                                        [](const GroupedPicture& picture) { return !picture.from_catalog; });
  return wide_report_section(breakable_html(group.name),
                             "products of the catalogue: " + std::to_string(group.products.size()) +
                                 ", photos: " + std::to_string(num_photos),
                             "<div class=\"strip\">" + strip + "</div>");
}

std::string purity_row(const char* name, const Purity& purity) {
  return purity.num_known == 0 ? std::string()
                               : report_row(name, fixed(100.0 * static_cast<double>(purity.num_right) /
                                                        static_cast<double>(purity.num_known)) +
                                                      " %");
}

std::string figures_table(const ClickGroups& groups) {
  const GroupingReport& report = groups.report;
  return "<table>" + report_row("groups", std::to_string(groups.groups.size())) +
         report_row("pictures in groups", std::to_string(report.num_pictures)) +
         report_row("photos and products alone", std::to_string(report.num_alone)) +
         report_row("page views", std::to_string(report.num_views)) +
         report_row("clicks", std::to_string(report.num_clicked)) +
         report_row("passes", std::to_string(report.num_passed)) +
         report_row("pairs of photo and product", std::to_string(report.num_pairs)) +
         report_row("a pass weighs", fixed(report.pass_weight, 3)) +
         purity_row("right among pairs clicked", report.clicked_pairs) +
         purity_row("right among pairs of one group", report.grouped_pairs) +
         purity_row("pairs of one product in one group", report.same_product_pairs) + "</table>";
}

}  // namespace

void write_grouping_page(const std::filesystem::path& file, const ClickGroups& groups) {
  const GroupingReport& report = groups.report;
  std::string notes, sections;
  for (const std::string& note : report.notes) notes += "<p>" + html_escape(note) + "</p>";
  for (const std::size_t place : even_places(groups.groups.size(), kShownGroups))
    sections += group_section(groups.groups[place]);
  OutputFile output(file);
  output.stream() << page_head("Groups from clicks", std::string(kReportStyle) + kPageStyle)
                  << "<header><h1>Groups from clicks</h1><p>"
                  << (groups.groups.size() > kShownGroups ? std::to_string(kShownGroups) + " of "
                                                          : std::string())
                  << groups.groups.size()
                  << " groups, largest first; framed: photos that users searched with</p>" << notes
                  << "</header>\n<main>\n"
                  << report_section("Result", "", figures_table(groups))
                  << report_section("Dropped", "Page views and items that were not used.",
                                    dropped_table({report.num_dropped, report.num_clock_backwards}))
                  << sections << "</main>\n</body>\n</html>\n";
  output.close();
}

}  // namespace vitrine::tools

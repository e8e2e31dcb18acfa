// SPDX-License-Identifier: MIT
#include "common/report_page.h"

namespace vitrine::tools {
namespace {

std::string section(const std::string& attributes, const std::string& title, const std::string& about,
                    const std::string& content) {
  return "<section" + attributes + "><h2>" + title + "</h2>" + (about.empty() ? "" : "<p>" + about + "</p>") +
         content + "</section>\n";
}

}  // namespace

const char* const kReportStyle = R"css(
main { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 520px), 1fr)); gap: 22px; padding-bottom: 30px; align-items: start; }
section { background: var(--card); border-radius: 12px; box-shadow: var(--shadow); padding: 18px 20px; }
section.wide { grid-column: 1 / -1; }
section > p { color: var(--quiet); font-size: 13px; margin: 4px 0 10px; }
section svg { display: block; width: 100%; height: auto; }
svg text { font-size: 12px; fill: var(--quiet); }
.axis { stroke: var(--line); }
table { border-collapse: collapse; width: 100%; font-size: 14px; margin-top: 8px; }
td { padding: 4px 0; border-top: 1px solid var(--line); } td:last-child { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
)css";

std::string report_section(const std::string& title, const std::string& about, const std::string& content) {
  return section("", title, about, content);
}

std::string wide_report_section(const std::string& title, const std::string& about,
                                const std::string& content) {
  return section(" class=\"wide\"", title, about, content);
}

std::string report_row(const std::string& name, const std::string& value) {
  return "<tr><td>" + name + "</td><td>" + value + "</td></tr>\n";
}

}  // namespace vitrine::tools

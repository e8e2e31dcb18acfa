// SPDX-License-Identifier: MIT
#pragma once
/// What pages of figures have in common: sections side by side, tables of two columns, charts.
#include <string>

namespace vitrine::tools {

/// Goes behind the common style sheet of html_parts.h.
extern const char* const kReportStyle;

std::string report_section(const std::string& title, const std::string& about, const std::string& content);

/// The same over the whole width of the page.
std::string wide_report_section(const std::string& title, const std::string& about,
                                const std::string& content);

/// A row of a table: a name and its value.
std::string report_row(const std::string& name, const std::string& value);

}  // namespace vitrine::tools

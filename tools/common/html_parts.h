// SPDX-License-Identifier: MIT
#pragma once
/// Pieces of the pages that tools write, whatever pictures and products are called.
#include <string>
#include <string_view>

namespace vitrine::tools {

/// Everything before a page's header: nothing on such a page can load or run anything, whatever a product is
/// called. `extra_style` follows the common style sheet.
std::string page_head(std::string_view title, std::string_view extra_style = {});

/// Text for use between tags and in quoted attributes: markup characters escaped, bytes that are not UTF-8
/// and control characters replaced by U+FFFD.
std::string html_escape(std::string_view text);

/// Escaped, with leave to break a line after the separators that names of files have.
std::string breakable_html(std::string_view text);

/// A bar that fills this share of its width, 0 to 1.
std::string bar_html(double share);

/// A thumbnail inside the page, or the path in its place if the picture cannot be read.
std::string picture_html(const std::string& path, std::string_view alternative);

/// What stands in the place of a picture that cannot be read.
std::string missing_picture_html(std::string_view path);

/// "1.5": with so many digits behind the point.
std::string fixed(double value, int digits = 1);

}  // namespace vitrine::tools

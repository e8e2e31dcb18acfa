// SPDX-License-Identifier: MIT
#pragma once
/// Pieces of the charts on pages.
#include <string>

namespace vitrine::tools {

/// `anchor` is SVG's: start, middle or end. `text` is markup already.
std::string svg_text(double x, double y, const std::string& anchor, const std::string& text,
                     const std::string& style = {});

std::string svg_line(double x1, double y1, double x2, double y2, const std::string& style);

/// A drawing of this size that is as wide as its place; `label` says what it shows.
std::string svg_drawing(double width, double height, const std::string& label, const std::string& content);

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "common/svg_parts.h"

#include "common/html_parts.h"

namespace vitrine::tools {

std::string svg_text(double x, double y, const std::string& anchor, const std::string& text,
                     const std::string& style) {
  return "<text x=\"" + fixed(x) + "\" y=\"" + fixed(y) + "\" text-anchor=\"" + anchor + "\"" +
         (style.empty() ? "" : " class=\"" + style + "\"") + ">" + text + "</text>";
}

std::string svg_line(double x1, double y1, double x2, double y2, const std::string& style) {
  return "<line x1=\"" + fixed(x1) + "\" y1=\"" + fixed(y1) + "\" x2=\"" + fixed(x2) + "\" y2=\"" +
         fixed(y2) + "\" class=\"" + style + "\"/>";
}

std::string svg_drawing(double width, double height, const std::string& label, const std::string& content) {
  return "<svg viewBox=\"0 0 " + fixed(width) + " " + fixed(height) + "\" role=\"img\" aria-label=\"" +
         label + "\">" + content + "</svg>";
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "common/html_sheet.h"

#include <cmath>
#include <utility>

#include "common/html_parts.h"
#include "common/thumbnail.h"
#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

constexpr int kPreviewPx = 640;

// Decoding at reduced scale, down to twice the thumbnail, keeps a page of large photos quick.
Image read_reduced(const std::string& path, int side_px) {
  return Image::read(path, {.min_side_px = side_px});
}

// The region as a window in a shade over the rest of the photo.
std::string region_overlay(const BoxPx& box, int width_px, int height_px) {
  const auto number = [](int value) { return std::to_string(value); };
  const std::string rectangle = "M" + number(box.x0) + " " + number(box.y0) + "H" + number(box.x1) + "V" +
                                number(box.y1) + "H" + number(box.x0) + "Z";
  return "<svg viewBox=\"0 0 " + number(width_px) + " " + number(height_px) +
         "\" preserveAspectRatio=\"none\" aria-hidden=\"true\"><path class=\"outside\" d=\"M0 0H" +
         number(width_px) + "V" + number(height_px) + "H0Z" + rectangle +
         "\"/><path class=\"region edge\" d=\"" + rectangle + "\"/><path class=\"region\" d=\"" + rectangle +
         "\"/></svg>";
}

// The photo again in the resolution of the page: the search may have decoded it smaller.
Image preview(const QueryAnswer& answer) {
  if (answer.item_path.empty() && answer.query == "-") {
    return answer.photo;
  }
  return read_reduced(answer.item_path.empty() ? answer.query : answer.item_path, kPreviewPx * 3 / 4);
}

std::string photo_html(const QueryAnswer& answer) {
  try {
    const Image image = preview(answer);
    std::string html =
        "<img alt=\"" + html_escape(answer.query) + "\" src=\"" + thumbnail_uri(image, kPreviewPx) + "\">";
    if (answer.result.box_px) {
      html += region_overlay(*answer.result.box_px, image.source_width_px(), image.source_height_px());
    }
    return "<div class=\"frame\">" + html + "</div>";
  } catch (const Error&) {
    return "<div class=\"picture\">" + missing_picture_html(answer.query) + "</div>";
  }
}

std::string about_html(const QueryAnswer& answer) {
  const bool from_stdin = answer.item_path.empty() && answer.query == "-";
  const std::string name =
      from_stdin ? "standard input" : std::filesystem::path(answer.query).filename().string();
  std::string html =
      "<div class=\"about\"><h2 title=\"" + html_escape(answer.query) + "\">" + html_escape(name) + "</h2>";
  if (const auto& box = answer.result.box_px) {
    html += "<p>region " + std::to_string(box->width()) + " × " + std::to_string(box->height()) + " at " +
            std::to_string(box->x0) + ", " + std::to_string(box->y0) + "</p>";
  }
  html +=
      "<p>" + std::to_string(answer.result.hits.size()) + " hits in " + fixed(answer.total_ms, 1) + " ms</p>";
  if (!answer.result.categories.empty()) {
    html += "<dl>";
    for (const CategoryScore& category : answer.result.categories) {
      html += "<dt>" + html_escape(category.name) + "</dt>" + bar_html(category.probability) + "<dd>" +
              std::to_string(std::lround(category.probability * 100)) + " %</dd>";
    }
    html += "</dl>";
  }
  return html + "</div>";
}

std::string hit_html(const Hit& hit) {
  std::string html = "<li class=\"hit\" title=\"" + html_escape(hit.path) +
                     "\"><div class=\"picture\"><span class=\"rank\">" + std::to_string(hit.rank) +
                     "</span>" + picture_html(hit.path, hit.product) +
                     "</div><div class=\"text\"><div class=\"product\">" + breakable_html(hit.product) +
                     "</div>";
  if (!hit.category.empty()) {
    html += "<div class=\"category\">" + breakable_html(hit.category) + "</div>";
  }
  return html + "<div class=\"score\">" + bar_html(hit.score) + "<span>" + fixed(hit.score, 3) +
         "</span></div></div></li>\n";
}

}  // namespace

HtmlSheet::HtmlSheet(std::filesystem::path path, std::string_view catalog_name, std::size_t num_items)
    : output_(std::move(path)) {
  output_.stream() << page_head(catalog_name) << "<header><h1>" << html_escape(catalog_name) << "</h1><p>"
                   << num_items << (num_items == 1 ? " picture" : " pictures")
                   << " searched</p></header>\n<main>\n";
}

void HtmlSheet::add(const QueryAnswer& answer) {
  std::ostream& out = output_.stream();
  out << "<section class=\"query\"><div class=\"photo\">" << photo_html(answer) << about_html(answer)
      << "</div>\n<ol class=\"hits\">\n";
  for (const Hit& hit : answer.result.hits) {
    out << hit_html(hit);
  }
  out << "</ol></section>\n";
}

void HtmlSheet::close() {
  output_.stream()
      << "</main>\n<footer>Score: cosine similarity, 1 is the same picture.</footer>\n</body>\n</html>\n";
  output_.close();
}

}  // namespace vitrine::tools

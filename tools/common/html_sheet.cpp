// SPDX-License-Identifier: MIT
#include "common/html_sheet.h"

#include <cmath>
#include <cstdio>
#include <utility>

#include "common/html_style.h"
#include "common/thumbnail.h"
#include "common/utf8.h"
#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

constexpr int kPreviewPx = 640;
constexpr int kThumbnailPx = 240;

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

// Escaped, with leave to break a line after the separators that names of files have.
std::string breakable(std::string_view text) {
  std::string html;
  for (const char c : html_escape(text)) {
    html += c;
    if (c == '/' || c == '_') {
      html += "<wbr>";
    }
  }
  return html;
}

std::string bar(double share) {
  return "<span class=\"bar\"><i style=\"width:" + fixed(share * 100, 1) + "%\"></i></span>";
}

// Decoding at reduced scale, down to twice the thumbnail, keeps a page of large photos quick.
Image read_reduced(const std::string& path, int side_px) {
  return Image::read(path, {.min_side_px = side_px});
}

std::string svg(int width_px, int height_px, const std::string& content) {
  return "<svg viewBox=\"0 0 " + std::to_string(width_px) + " " + std::to_string(height_px) +
         "\" preserveAspectRatio=\"none\" aria-hidden=\"true\">" + content + "</svg>";
}

std::string rectangle(const BoxPx& box) {
  const auto number = [](int value) { return std::to_string(value); };
  return "M" + number(box.x0) + " " + number(box.y0) + "H" + number(box.x1) + "V" + number(box.y1) + "H" +
         number(box.x0) + "Z";
}

std::string outline(const BoxPx& box) {
  return "<path class=\"region edge\" d=\"" + rectangle(box) + "\"/><path class=\"region\" d=\"" +
         rectangle(box) + "\"/>";
}

// The region as a window in a shade over the rest of the photo.
std::string region_overlay(const BoxPx& box, int width_px, int height_px) {
  return svg(width_px, height_px,
             "<path class=\"outside\" d=\"M0 0H" + std::to_string(width_px) + "V" +
                 std::to_string(height_px) + "H0Z" + rectangle(box) + "\"/>" + outline(box));
}

// The boxes of several products with their numbers.
std::string object_overlay(const std::vector<SearchResult>& objects, int width_px, int height_px) {
  std::string outlines;
  std::string tags;
  for (std::size_t i = 0; i < objects.size(); ++i) {
    const BoxPx box = objects[i].box_px.value_or(kWholePicture).clipped(width_px, height_px);
    outlines += outline(box);
    tags += "<span class=\"tag\" style=\"left:" + fixed(100.0 * box.x0 / width_px, 2) +
            "%;top:" + fixed(100.0 * box.y0 / height_px, 2) + "%\">" + std::to_string(i + 1) + "</span>";
  }
  return svg(width_px, height_px, outlines) + tags;
}

// The photo again in the resolution of the page: the search may have decoded it smaller.
Image preview(const QueryAnswer& answer) {
  if (answer.item_path.empty() && answer.query == "-") {
    return answer.photo;
  }
  return read_reduced(answer.item_path.empty() ? answer.query : answer.item_path, kPreviewPx * 3 / 4);
}

std::string missing_picture(std::string_view path) {
  return "<span class=\"missing\">" + breakable(path) + "</span>";
}

std::string photo_html(const QueryAnswer& answer) {
  try {
    const Image image = preview(answer);
    std::string html =
        "<img alt=\"" + html_escape(answer.query) + "\" src=\"" + thumbnail_uri(image, kPreviewPx) + "\">";
    if (!answer.objects.empty()) {
      html += object_overlay(answer.objects, image.source_width_px(), image.source_height_px());
    } else if (answer.result.box_px) {
      html += region_overlay(*answer.result.box_px, image.source_width_px(), image.source_height_px());
    }
    return "<div class=\"frame\">" + html + "</div>";
  } catch (const Error&) {
    return "<div class=\"picture\">" + missing_picture(answer.query) + "</div>";
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
  const std::size_t num_objects = answer.objects.size();
  const std::string what = num_objects > 0
                               ? std::to_string(num_objects) + (num_objects == 1 ? " product" : " products")
                               : std::to_string(answer.result.hits.size()) + " hits";
  html += "<p>" + what + " in " + fixed(answer.total_ms, 1) + " ms</p>";
  if (!answer.result.categories.empty()) {
    html += "<dl>";
    for (const CategoryScore& category : answer.result.categories) {
      html += "<dt>" + html_escape(category.name) + "</dt>" + bar(category.probability) + "<dd>" +
              std::to_string(std::lround(category.probability * 100)) + " %</dd>";
    }
    html += "</dl>";
  }
  return html + "</div>";
}

std::string hit_picture(const Hit& hit) {
  try {
    return "<img loading=\"lazy\" alt=\"" + html_escape(hit.product) + "\" src=\"" +
           thumbnail_uri(read_reduced(hit.path, kThumbnailPx), kThumbnailPx) + "\">";
  } catch (const Error&) {
    return missing_picture(hit.path);
  }
}

std::string hit_html(const Hit& hit) {
  std::string html = "<li class=\"hit\" title=\"" + html_escape(hit.path) +
                     "\"><div class=\"picture\"><span class=\"rank\">" + std::to_string(hit.rank) +
                     "</span>" + hit_picture(hit) + "</div><div class=\"text\"><div class=\"product\">" +
                     breakable(hit.product) + "</div>";
  if (!hit.category.empty()) {
    html += "<div class=\"category\">" + breakable(hit.category) + "</div>";
  }
  return html + "<div class=\"score\">" + bar(hit.score) + "<span>" + fixed(hit.score, 3) +
         "</span></div></div></li>\n";
}

std::string hits_html(const std::vector<Hit>& hits) {
  std::string html = "<ol class=\"hits\">\n";
  for (const Hit& hit : hits) {
    html += hit_html(hit);
  }
  return html + "</ol>";
}

// One list of hits, or one for each product in the photo and one for the whole.
std::string results_html(const QueryAnswer& answer) {
  if (answer.objects.empty()) return hits_html(answer.result.hits);
  std::string html = "<div class=\"groups\">";
  for (std::size_t i = 0; i < answer.objects.size(); ++i) {
    const SearchResult& object = answer.objects[i];
    html += "<h3><span class=\"tag\">" + std::to_string(i + 1) + "</span>";
    if (!object.categories.empty()) html += html_escape(object.categories.front().name);
    html += "</h3>" + hits_html(object.hits);
  }
  return html + "<h3>Whole photo</h3>" + hits_html(answer.result.hits) + "</div>";
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string escaped;
  for (const char c : to_valid_utf8(text)) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) ? std::string("\xEF\xBF\xBD")
                                                                       : std::string(1, c);
    }
  }
  return escaped;
}

HtmlSheet::HtmlSheet(std::filesystem::path path, std::string_view catalog_name, std::size_t num_items)
    : output_(std::move(path)) {
  const std::string name = html_escape(catalog_name);
  output_.stream()
      << "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         // Nothing on the page can load or run anything, whatever a product is called.
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
         "style-src 'unsafe-inline'\">\n<title>"
      << name << "</title>\n<style>" << kHtmlStyle << "</style>\n</head>\n<body>\n<header><h1>" << name
      << "</h1><p>" << num_items << (num_items == 1 ? " picture" : " pictures")
      << " searched</p></header>\n<main>\n";
}

void HtmlSheet::add(const QueryAnswer& answer) {
  std::ostream& out = output_.stream();
  out << "<section class=\"query\"><div class=\"photo\">" << photo_html(answer) << about_html(answer)
      << "</div>\n"
      << results_html(answer) << "</section>\n";
}

void HtmlSheet::close() {
  output_.stream()
      << "</main>\n<footer>Score: cosine similarity, 1 is the same picture.</footer>\n</body>\n</html>\n";
  output_.close();
}

}  // namespace vitrine::tools

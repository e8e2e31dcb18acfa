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
  const std::size_t num_objects = answer.objects.size();
  const std::string what = num_objects > 0
                               ? std::to_string(num_objects) + (num_objects == 1 ? " product" : " products")
                               : std::to_string(answer.result.hits.size()) + " hits";
  html += "<p>" + what + " in " + fixed(answer.total_ms, 1) + " ms</p>";
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
  if (!hit.more.empty()) {
    html += "<div class=\"category\">" + std::to_string(hit.more.size()) +
            (hit.more.size() == 1 ? " more picture" : " more pictures") + "</div>";
  }
  if (hit.probability) {
    html += "<div class=\"category\">the same: " + fixed(*hit.probability * 100, 0) + " %</div>";
  }
  return html + "<div class=\"score\">" + bar_html(hit.score) + "<span>" + fixed(hit.score, 3) +
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

HtmlSheet::HtmlSheet(std::filesystem::path path, std::string_view catalog_name, std::size_t num_items)
    : output_(std::move(path)) {
  output_.stream() << page_head(catalog_name) << "<header><h1>" << html_escape(catalog_name) << "</h1><p>"
                   << num_items << (num_items == 1 ? " picture" : " pictures")
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

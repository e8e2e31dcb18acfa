// SPDX-License-Identifier: MIT
#include "common/html_parts.h"

#include <cstdio>

#include "common/html_style.h"
#include "common/thumbnail.h"
#include "common/utf8.h"
#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

constexpr int kThumbnailPx = 240;

}  // namespace

std::string page_head(std::string_view title, std::string_view extra_style) {
  return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
         "style-src 'unsafe-inline'\">\n<title>" +
         html_escape(title) + "</title>\n<style>" + kHtmlStyle + std::string(extra_style) +
         "</style>\n</head>\n<body>\n";
}

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

std::string breakable_html(std::string_view text) {
  std::string html;
  for (const char c : html_escape(text)) {
    html += c;
    if (c == '/' || c == '_') {
      html += "<wbr>";
    }
  }
  return html;
}

std::string bar_html(double share) {
  return "<span class=\"bar\"><i style=\"width:" + fixed(share * 100, 1) + "%\"></i></span>";
}

std::string picture_html(const std::string& path, std::string_view alternative) {
  try {
    // Decoding at reduced scale keeps a page of large photos quick.
    const Image image = Image::read(path, {.min_side_px = kThumbnailPx});
    return "<img loading=\"lazy\" alt=\"" + html_escape(alternative) + "\" src=\"" +
           thumbnail_uri(image, kThumbnailPx) + "\">";
  } catch (const Error&) {
    return missing_picture_html(path);
  }
}

std::string missing_picture_html(std::string_view path) {
  return "<span class=\"missing\">" + breakable_html(path) + "</span>";
}

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "common/mistake_list.h"

#include "common/html_parts.h"
#include "common/report_page.h"

namespace vitrine::tools {
namespace {

std::string named_picture(const std::string& path, const std::string& product, const std::string& note) {
  const std::string picture = path.empty() ? "<span class=\"missing\">-</span>" : picture_html(path, product);
  return "<div><div class=\"picture\">" + picture + "</div>" + breakable_html(product) +
         "<span class=\"quiet\">" + html_escape(note) + "</span></div>";
}

}  // namespace

const char* const kMistakeListStyle = R"css(
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 400px), 1fr)); gap: 16px; }
.mistake { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 6px; font-size: 12.5px; }
.mistake .picture { border-radius: 8px; overflow: hidden; } .mistake .picture img { padding: 0; }
.mistake span.quiet { display: block; font-variant-numeric: tabular-nums; }
)css";

std::string mistake_section(const std::string& title, const std::string& about,
                            const std::vector<Mistake>& mistakes) {
  if (mistakes.empty()) return {};
  std::string content;
  for (const Mistake& mistake : mistakes) {
    content += "<div class=\"mistake\">" + named_picture(mistake.photo, mistake.product, "photo") +
               named_picture(mistake.found, mistake.found_product, mistake.found_note) +
               named_picture(mistake.right, mistake.product, mistake.right_note) + "</div>";
  }
  return wide_report_section(title, about, "<div class=\"mistakes\">" + content + "</div>");
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "common/duplicates_report.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "common/html_parts.h"
#include "common/utf8.h"

namespace vitrine::tools {
namespace {

constexpr const char* kPageStyle = R"css(
.group { padding: 22px 0; border-top: 1px solid var(--line); }
.group h2 { margin-bottom: 12px; }
.group h2 span { color: var(--quiet); font-weight: 400; margin-left: 8px; }
)css";

std::size_t num_products(const DuplicateGroup& group) {
  std::set<std::string> products;
  for (const DuplicatePicture& picture : group) products.insert(picture.item.key.product);
  return products.size();
}

std::string summary(const DuplicateGroup& group) {
  const std::size_t products = num_products(group);
  return std::to_string(group.size()) + " pictures of " +
         (products == 1 ? "one product" : std::to_string(products) + " products");
}

std::string size_text(const Item& item) {
  return std::to_string(item.width_px) + " x " + std::to_string(item.height_px);
}

// How a picture compares with the first one.
std::string likeness(const DuplicatePicture& picture, bool is_first) {
  if (is_first) return "keep";
  return picture.same_file ? "same file" : "cosine " + fixed(picture.cosine, 3);
}

}  // namespace

std::string duplicates_text(const DuplicateGroup& group, std::size_t number, const Style& style) {
  std::string text = style.bold(std::to_string(number) + "  " + summary(group)) + "\n";
  for (const DuplicatePicture& picture : group) {
    std::string what = likeness(picture, &picture == &group.front());
    what.resize(std::max<std::size_t>(what.size(), 12), ' ');
    std::string size = size_text(picture.item);
    size.insert(0, size.size() < 11 ? 11 - size.size() : 0, ' ');
    text += "   " + what + "  " + style.dim(size) + "  " + without_controls(picture.item.path) + "\n";
  }
  return text;
}

std::string duplicates_json(const DuplicateGroup& group, std::size_t number) {
  nlohmann::ordered_json object = {
      {"schema", "vitrine.duplicates/1"}, {"group", number}, {"pictures", nlohmann::ordered_json::array()}};
  for (const DuplicatePicture& picture : group) {
    const Item& item = picture.item;
    object["pictures"].push_back({{"product", item.key.product},
                                  {"picture", item.key.picture},
                                  {"path", item.path},
                                  {"width", item.width_px},
                                  {"height", item.height_px},
                                  {"keep", &picture == &group.front()},
                                  {"same_file", picture.same_file},
                                  {"hamming", picture.hamming},
                                  {"cosine", std::round(picture.cosine * 1e6) / 1e6}});
  }
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

DuplicatesPage::DuplicatesPage(std::filesystem::path file, const std::string& catalog_name,
                               std::size_t num_pictures)
    : output_(std::move(file)) {
  output_.stream() << page_head("Duplicates in " + catalog_name, kPageStyle) << "<header><h1>Duplicates in "
                   << html_escape(catalog_name) << "</h1><p>" << num_pictures
                   << " pictures compared; the first of each group is the one to keep</p></header>\n<main>\n";
}

void DuplicatesPage::add(const DuplicateGroup& group, std::size_t number) {
  std::ostream& out = output_.stream();
  out << "<section class=\"group\"><h2>" << number << "<span>" << summary(group)
      << "</span></h2>\n<ol class=\"hits\">\n";
  for (const DuplicatePicture& picture : group) {
    const Item& item = picture.item;
    out << "<li class=\"hit\" title=\"" << html_escape(item.path)
        << "\"><div class=\"picture\"><span class=\"rank\">" << likeness(picture, &picture == &group.front())
        << "</span>" << picture_html(item.path, item.key.product)
        << "</div><div class=\"text\"><div class=\"product\">" << breakable_html(item.key.product)
        << "</div><div class=\"category\">" << breakable_html(item.key.picture) << "<br>" << size_text(item)
        << "</div></div></li>\n";
  }
  out << "</ol></section>\n";
}

void DuplicatesPage::close() {
  output_.stream() << "</main>\n</body>\n</html>\n";
  output_.close();
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/csv_field.h"
#include "base/temporary_file.h"
#include "clicks/view_source.h"
#include "vitrine/click_log.h"

namespace vitrine {
namespace {

using base::csv_field;
using clicks::LogForm;

constexpr std::size_t kBufferBytes = std::size_t{1} << 16;

std::string number(double value) {
  char text[32];
  return {text, std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, 3).ptr};
}

std::string flag(std::optional<bool> value) {
  return value ? (*value ? "1" : "0") : "";
}

std::string csv_rows(const PageView& view) {
  const std::string head =
      csv_field(view.session) + ',' + number(view.time_s) + ',' + csv_field(view.query) + ',';
  std::string rows;
  for (const ShownItem& item : view.items) {
    rows +=
        head + csv_field(item.item) + ',' + std::to_string(item.position) + (item.clicked ? ",1," : ",0,");
    rows += flag(item.same_product) + ',' + flag(item.bought) + '\n';
  }
  return rows;
}

std::string json_line(const PageView& view) {
  nlohmann::ordered_json items = nlohmann::ordered_json::array();
  for (const ShownItem& item : view.items) {
    items.push_back({{"item", item.item}, {"position", item.position}, {"clicked", item.clicked}});
    if (item.same_product) items.back()["same_product"] = *item.same_product;
    if (item.bought) items.back()["bought"] = *item.bought;
  }
  const nlohmann::ordered_json object = {
      {"session", view.session}, {"time", view.time_s}, {"query", view.query}, {"items", items}};
  return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + '\n';
}

}  // namespace

struct ClickLogWriter::Impl {
  explicit Impl(const std::filesystem::path& log) : form(clicks::log_form(log)), file(log) {
    if (form == LogForm::kCsv) buffer = "session,time,query,item,position,clicked,same_product,bought\n";
  }

  void flush() {
    file.write(buffer);
    buffer.clear();
  }

  LogForm form;
  base::TemporaryFile file;
  std::string buffer;
};

ClickLogWriter::ClickLogWriter(const std::filesystem::path& log) : impl_(std::make_unique<Impl>(log)) {}
ClickLogWriter::ClickLogWriter(ClickLogWriter&&) noexcept = default;
ClickLogWriter& ClickLogWriter::operator=(ClickLogWriter&&) noexcept = default;
ClickLogWriter::~ClickLogWriter() = default;

void ClickLogWriter::write(const PageView& view) {
  impl_->buffer += impl_->form == LogForm::kCsv ? csv_rows(view) : json_line(view);
  if (impl_->buffer.size() >= kBufferBytes) impl_->flush();
}

void ClickLogWriter::close() {
  impl_->flush();
  impl_->file.commit();
}

}  // namespace vitrine

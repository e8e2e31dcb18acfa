// SPDX-License-Identifier: MIT
#include "engine/csv_reader.h"

#include <utility>

#include "vitrine/error.h"

namespace vitrine::engine {
namespace {

constexpr std::size_t kMaxRecordBytes = std::size_t{1} << 20;

}  // namespace

CsvReader::CsvReader(std::string_view text) : text_(text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text_.starts_with(kByteOrderMark)) text_.remove_prefix(kByteOrderMark.size());
}

std::optional<CsvRecord> CsvReader::next() {
  while (position_ < text_.size() && at_line_end()) skip_line_end();
  if (position_ >= text_.size()) return std::nullopt;
  CsvRecord record;
  record.line = line_;
  read_record(record);
  return record;
}

void CsvReader::read_record(CsvRecord& record) {
  const std::size_t begin = position_;
  while (true) {
    const bool quoted = position_ < text_.size() && text_[position_] == '"';
    record.fields.push_back(quoted ? read_quoted(record) : read_plain(record));
    check_length(record, begin);
    if (position_ >= text_.size()) return;
    if (at_line_end()) return skip_line_end();
    ++position_;  // the comma
  }
}

std::string CsvReader::read_quoted(CsvRecord& record) {
  const std::size_t begin = position_++;
  std::string field;
  while (true) {
    check_length(record, begin);
    if (position_ >= text_.size())
      throw Error(ErrorCode::kCorrupt, "line " + std::to_string(record.line) +
                                           ": a quote is opened and never closed; close it or double it");
    const char c = text_[position_++];
    if (c == '"') {
      if (position_ >= text_.size() || text_[position_] != '"') break;
      ++position_;
    }
    if (c == '\n') ++line_;
    field += c;
  }
  if (position_ < text_.size() && text_[position_] != ',' && !at_line_end()) {
    record.problem = "text after a closing quote; a quote inside a field must be doubled";
    field += read_plain(record);
  }
  return field;
}

std::string CsvReader::read_plain(CsvRecord& record) {
  const std::size_t begin = position_;
  while (position_ < text_.size() && text_[position_] != ',' && !at_line_end()) ++position_;
  std::string field(text_.substr(begin, position_ - begin));
  if (field.find('"') != std::string::npos && record.problem.empty())
    record.problem = "a quote inside an unquoted field; quote the whole field and double the quote";
  return field;
}

bool CsvReader::at_line_end() const {
  const std::string_view rest = text_.substr(position_);
  return rest.starts_with('\n') || rest.starts_with("\r\n");
}

void CsvReader::skip_line_end() {
  position_ += text_[position_] == '\r' ? 2 : 1;
  ++line_;
}

void CsvReader::check_length(const CsvRecord& record, std::size_t begin) const {
  if (position_ - begin > kMaxRecordBytes)
    throw Error(ErrorCode::kCorrupt, "line " + std::to_string(record.line) +
                                         ": the record is longer than 1 MiB; is a closing quote missing?");
}

}  // namespace vitrine::engine

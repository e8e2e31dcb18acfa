// SPDX-License-Identifier: MIT
#pragma once
/// Comma-separated values by RFC 4180: quoted fields may hold commas, doubled quotes and line ends; lines end
/// in LF or CRLF; a byte order mark is passed over.
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace vitrine::engine {

struct CsvRecord {
  std::size_t line = 0;  ///< number of its first line, from 1
  std::vector<std::string> fields;
  std::string problem;  ///< empty: the record is well-formed
};

/// Reads records one after the other; does not own the text.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text);

  /// The next record that is not an empty line. ErrorCode::kCorrupt if a quote is never closed or a record
  /// exceeds 1 MiB: after that, nobody can say where the next line begins.
  std::optional<CsvRecord> next();

  /// Bytes not read yet.
  std::size_t remaining_bytes() const { return text_.size() - position_; }

 private:
  void read_record(CsvRecord& record);
  std::string read_quoted(CsvRecord& record);
  std::string read_plain(CsvRecord& record);
  bool at_line_end() const;
  void skip_line_end();
  void check_length(const CsvRecord& record, std::size_t begin) const;

  std::string_view text_;
  std::size_t position_ = 0;
  std::size_t line_ = 1;
};

}  // namespace vitrine::engine

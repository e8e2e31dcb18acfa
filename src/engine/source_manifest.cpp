// SPDX-License-Identifier: MIT
// read_manifest: CSV or JSONL lines to entries.
#include <algorithm>
#include <cctype>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <unordered_set>
#include <utility>
#include <vector>

#include "engine/csv_reader.h"
#include "engine/file_reader.h"
#include "engine/line_reader.h"
#include "engine/manifest_columns.h"
#include "engine/manifest_row.h"
#include "engine/printable_name.h"
#include "vitrine/error.h"
#include "vitrine/ingest.h"

namespace vitrine {
namespace {

using engine::CsvReader;
using engine::CsvRecord;
using engine::ManifestRow;

constexpr std::uint64_t kMaxManifestBytes = std::uint64_t{4} << 30;

std::string trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return std::string(text.substr(begin, text.find_last_not_of(" \t") - begin + 1));
}

/// Reads one manifest into rows and turns the rows into entries.
class ManifestReader {
 public:
  explicit ManifestReader(const std::filesystem::path& manifest) : manifest_(manifest) {}

  IngestSource read() {
    std::string extension = manifest_.extension().string();
    std::transform(extension.begin(), extension.end(), extension.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    const bool is_csv = extension == ".csv";
    if (!is_csv && extension != ".jsonl" && extension != ".ndjson")
      throw Error(ErrorCode::kInvalidArgument, "cannot read '" + manifest_.string() +
                                                   "' as a manifest: its name must end in .csv or .jsonl");
    const engine::FileContent content = engine::read_file(manifest_.string(), kMaxManifestBytes);
    const std::string_view text(reinterpret_cast<const char*>(content.bytes.data()), content.bytes.size());
    if (is_csv)
      read_csv(text);
    else
      read_json_lines(text);
    return make_source();
  }

 private:
  void read_csv(std::string_view text) {
    try {
      CsvReader reader(text);
      const std::vector<std::string> names = read_header(reader);
      while (const std::optional<CsvRecord> record = reader.next())
        add_row(record->line, [&] { return row_of_record(*record, names); });
    } catch (const Error& error) {
      throw Error(error.code(), "cannot read manifest '" + manifest_.string() + "': " + error.what());
    }
  }

  static std::vector<std::string> read_header(CsvReader& reader) {
    const std::optional<CsvRecord> header = reader.next();
    if (!header) throw Error(ErrorCode::kCorrupt, "it is empty; expected a header line with a column 'path'");
    if (!header->problem.empty()) throw Error(ErrorCode::kCorrupt, "header: " + header->problem);
    std::vector<std::string> names;
    std::set<std::string> seen;
    for (const std::string& field : header->fields) {
      names.push_back(trimmed(field));
      if (!engine::is_valid_utf8(names.back()))
        throw Error(ErrorCode::kCorrupt, "header: not UTF-8; save the manifest as UTF-8");
      if (!names.back().empty() && !seen.insert(names.back()).second)
        throw Error(ErrorCode::kCorrupt, "header: column '" + names.back() + "' is given twice");
    }
    if (!seen.contains("path"))
      throw Error(ErrorCode::kCorrupt, "header: expected a column 'path', found none of that name");
    return names;
  }

  static ManifestRow row_of_record(const CsvRecord& record, const std::vector<std::string>& names) {
    if (!record.problem.empty()) throw Error(ErrorCode::kCorrupt, record.problem);
    if (record.fields.size() != names.size())
      throw Error(ErrorCode::kCorrupt, "expected " + std::to_string(names.size()) + " fields, found " +
                                           std::to_string(record.fields.size()));
    ManifestRow row;
    for (std::size_t i = 0; i < names.size(); ++i)
      if (!names[i].empty()) engine::set_csv_field(row, names[i], record.fields[i]);
    return row;
  }

  void read_json_lines(std::string_view text) {
    engine::LineReader reader(text);
    while (const std::optional<engine::Line> line = reader.next())
      add_row(line->number, [&] {
        if (line->text.size() > engine::LineReader::kMaxLineBytes)
          throw Error(ErrorCode::kCorrupt, "the line is longer than 1 MiB");
        return engine::row_of_json_line(line->text);
      });
  }

  template <typename ReadRow>
  void add_row(std::size_t line, const ReadRow& read_row) {
    try {
      ManifestRow row = read_row();
      row.line = line;
      if (row.path.empty()) throw Error(ErrorCode::kCorrupt, "no path");
      if (row.path.find('\0') != std::string::npos)
        throw Error(ErrorCode::kCorrupt, "path: holds a zero byte");
      for (const engine::ExtraField& extra : row.extras) columns_.add(line, extra);
      rows_.push_back(std::move(row));
    } catch (const Error& error) {
      fail(line, error.what());
      source_.is_complete = false;
    }
  }

  void fail(std::size_t line, const std::string& reason) {
    source_.failures.push_back({manifest_.string() + ":" + std::to_string(line), reason});
  }

  IngestSource make_source() {
    struct KeyHash {
      std::size_t operator()(const ItemKey& key) const {
        return std::hash<std::string>{}(key.product) * 31 + std::hash<std::string>{}(key.picture);
      }
    };
    std::unordered_set<ItemKey, KeyHash> keys;
    source_.entries.reserve(rows_.size());
    for (ManifestRow& row : rows_) {
      const std::size_t line = row.line;
      IngestEntry entry = entry_of(std::move(row));
      if (keys.insert(entry.key).second)
        source_.entries.push_back(std::move(entry));
      else
        fail(line, "product '" + entry.key.product + "' with picture '" + entry.key.picture +
                       "' is already given by an earlier line");
    }
    source_.warnings = columns_.warnings(manifest_.string());
    return std::move(source_);
  }

  IngestEntry entry_of(ManifestRow row) const {
    IngestEntry entry;
    entry.path = (manifest_.parent_path() / row.path).string();
    entry.key = engine::key_of_row(row.path, std::move(row.product), std::move(row.picture));
    entry.category = std::move(row.category);
    for (engine::ExtraField& extra : row.extras) {
      // A column is numeric in every line or in none, or conditions on it would mean two things.
      if (!columns_.is_numeric(extra.name))
        row.attributes.emplace(std::move(extra.name), std::move(extra.value));
      else if (extra.number)
        entry.quality.emplace(std::move(extra.name), *extra.number);
    }
    entry.attributes_json = row.attributes.dump();
    return entry;
  }

  std::filesystem::path manifest_;
  std::vector<ManifestRow> rows_;
  engine::ManifestColumns columns_;
  IngestSource source_;
};

}  // namespace

IngestSource read_manifest(const std::filesystem::path& manifest) {
  return ManifestReader(manifest).read();
}

}  // namespace vitrine

// SPDX-License-Identifier: MIT
#include "common/result_writer.h"

#include "common/result_csv.h"
#include "common/result_json.h"
#include "common/result_table.h"

namespace vitrine::tools {

ResultFormat result_format_of(const std::string& name) {
  if (name == "json") {
    return ResultFormat::kJson;
  }
  if (name == "jsonl") {
    return ResultFormat::kJsonLines;
  }
  if (name == "csv") {
    return ResultFormat::kCsv;
  }
  return name == "paths" ? ResultFormat::kPaths : ResultFormat::kTable;
}

ResultWriter::ResultWriter(ResultFormat format, ResultGroups groups, std::ostream& out, Style style,
                           char path_end, bool explain)
    : format_(format), groups_(groups), out_(out), style_(style), path_end_(path_end), explain_(explain) {
  if (format_ == ResultFormat::kCsv) {
    out_ << result_csv_header(groups_);
  }
}

void ResultWriter::write(const QueryAnswer& answer) {
  switch (format_) {
    case ResultFormat::kTable:
      out_ << (first_ ? "" : "\n") << result_table(answer, style_, explain_);
      break;
    case ResultFormat::kJson:
      out_ << (first_ ? "[\n" : ",\n") << result_json(answer, groups_);
      break;
    case ResultFormat::kJsonLines:
      out_ << result_json(answer, groups_) << '\n';
      break;
    case ResultFormat::kCsv:
      out_ << result_csv(answer, groups_);
      break;
    case ResultFormat::kPaths:
      for (const SearchResult& object : answer.objects) write_paths(object);
      write_paths(answer.result);
      break;
  }
  out_.flush();
  first_ = false;
}

void ResultWriter::write_paths(const SearchResult& result) {
  for (const Hit& hit : result.hits) {
    out_ << hit.path << path_end_;
  }
}

void ResultWriter::finish() {
  if (format_ == ResultFormat::kJson) {
    out_ << (first_ ? "[]\n" : "\n]\n");
  }
}

}  // namespace vitrine::tools

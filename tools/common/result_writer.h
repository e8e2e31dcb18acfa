// SPDX-License-Identifier: MIT
#pragma once
/// The formats of --format, one class.
#include <ostream>
#include <string>

#include "common/query_answer.h"
#include "common/terminal.h"

namespace vitrine::tools {

enum class ResultFormat { kTable, kJson, kJsonLines, kCsv, kPaths };

/// The spellings of --format: table, json, jsonl, csv, paths.
ResultFormat result_format_of(const std::string& name);

class ResultWriter {
 public:
  /// `path_end` ends every path of the format `paths`; with `explain` tables say how quality moved each hit.
  ResultWriter(ResultFormat format, ResultGroups groups, std::ostream& out, Style style, char path_end = '\n',
               bool explain = false);
  void write(const QueryAnswer& answer);
  /// Call after the last answer.
  void finish();

 private:
  void write_paths(const SearchResult& result);

  ResultFormat format_;
  ResultGroups groups_;
  std::ostream& out_;
  Style style_;
  char path_end_;
  bool explain_;
  bool first_ = true;
};

}  // namespace vitrine::tools

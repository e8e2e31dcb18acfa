// SPDX-License-Identifier: MIT
#pragma once
/// Results as one page to look at: a file of its own, with the pictures inside, without scripts or outside
/// references.
#include <filesystem>
#include <string>
#include <string_view>

#include "common/output_file.h"
#include "common/query_answer.h"

namespace vitrine::tools {

/// Writes the page piece by piece, so that any number of queries needs the memory of one.
class HtmlSheet {
 public:
  /// `catalog_name` and `num_items` stand in the page's head.
  HtmlSheet(std::filesystem::path path, std::string_view catalog_name, std::size_t num_items);

  /// Adds one query: its picture with the searched region, predicted categories, and the hits; with objects,
  /// their boxes and the hits of each. A picture that
  /// cannot be read any more is replaced by its path.
  void add(const QueryAnswer& answer);

  /// Ends the page and makes sure that it was written.
  void close();

 private:
  OutputFile output_;
};

}  // namespace vitrine::tools

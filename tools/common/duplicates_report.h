// SPDX-License-Identifier: MIT
#pragma once
/// Groups of duplicate pictures as text, JSON and a page to look at.
#include <cstddef>
#include <filesystem>
#include <string>

#include "common/output_file.h"
#include "common/terminal.h"
#include "vitrine/duplicates.h"

namespace vitrine::tools {

/// The group's pictures, the one to keep first, a line each under a line about the group.
std::string duplicates_text(const DuplicateGroup& group, std::size_t number, const Style& style);
/// The group as one line of JSON.
std::string duplicates_json(const DuplicateGroup& group, std::size_t number);

/// A page with the groups' pictures, written piece by piece.
class DuplicatesPage {
 public:
  DuplicatesPage(std::filesystem::path file, const std::string& catalog_name, std::size_t num_pictures);
  void add(const DuplicateGroup& group, std::size_t number);
  /// Ends the page and makes sure that it was written.
  void close();

 private:
  OutputFile output_;
};

}  // namespace vitrine::tools

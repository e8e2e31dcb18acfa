// SPDX-License-Identifier: MIT
#pragma once
/// Photos that were answered wrongly, as pictures side by side.
#include <string>
#include <vector>

namespace vitrine::tools {

struct Mistake {
  std::string photo;  ///< path
  std::string product;
  std::string found;  ///< path
  std::string found_product;
  std::string found_note;
  std::string right;  ///< path; empty: none to show
  std::string right_note;
};

/// Goes behind the style of report_page.h.
extern const char* const kMistakeListStyle;

/// A section as wide as the page: photo, what was found, what would have been right. Empty without mistakes.
std::string mistake_section(const std::string& title, const std::string& about,
                            const std::vector<Mistake>& mistakes);

}  // namespace vitrine::tools

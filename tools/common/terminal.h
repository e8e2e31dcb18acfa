// SPDX-License-Identifier: MIT
#pragma once
/// Whether somebody is watching, and colours for those who are.
#include <cstdio>
#include <string>
#include <string_view>

namespace vitrine::tools {

bool is_terminal(std::FILE* stream);

/// Marks up text with terminal colours, or leaves it as it is.
class Style {
 public:
  /// Colours if `stream` is a terminal, NO_COLOR is unset or empty and TERM is not "dumb".
  static Style for_stream(std::FILE* stream);
  explicit Style(bool coloured) : coloured_(coloured) {}

  std::string bold(std::string_view text) const { return wrapped("1", text); }
  std::string dim(std::string_view text) const { return wrapped("2", text); }
  std::string accent(std::string_view text) const { return wrapped("36", text); }
  std::string warning(std::string_view text) const { return wrapped("33", text); }

 private:
  std::string wrapped(std::string_view code, std::string_view text) const;
  bool coloured_;
};

}  // namespace vitrine::tools

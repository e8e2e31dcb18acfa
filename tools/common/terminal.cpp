// SPDX-License-Identifier: MIT
#include "common/terminal.h"

#include <unistd.h>

#include <cstdlib>

namespace vitrine::tools {

bool is_terminal(std::FILE* stream) {
  return ::isatty(::fileno(stream)) == 1;
}

Style Style::for_stream(std::FILE* stream) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool refused = no_color != nullptr && *no_color != '\0';
  const bool capable = term != nullptr && std::string_view(term) != "dumb";
  return Style(!refused && capable && is_terminal(stream));
}

std::string Style::wrapped(std::string_view code, std::string_view text) const {
  if (!coloured_ || text.empty()) {
    return std::string(text);
  }
  return "\x1b[" + std::string(code) + "m" + std::string(text) + "\x1b[0m";
}

}  // namespace vitrine::tools

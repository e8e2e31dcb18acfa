// SPDX-License-Identifier: MIT
#include "common/failure_list.h"

#include <algorithm>
#include <iostream>
#include <string>

#include "common/tool_main.h"
#include "common/utf8.h"

namespace vitrine::tools {

void print_failures(std::string_view tool, std::span<const IngestFailure> failures,
                    std::string_view where_all, std::string_view what) {
  constexpr std::size_t kShown = 10;
  const std::size_t num_shown = std::min(failures.size(), kShown);
  for (const IngestFailure& failure : failures.first(num_shown)) {
    complain(tool, without_controls(failure.path) + ": " + without_controls(failure.reason));
  }
  if (failures.size() > num_shown) {
    complain(tool, "and " + std::to_string(failures.size() - num_shown) + " more " + std::string(what) +
                       "; " + std::string(where_all));
  }
}

void FailureFile::add(std::span<const IngestFailure> failures) {
  for (const IngestFailure& failure : failures) {
    output_.stream() << escape_bytes(failure.path) << '\t' << escape_bytes(failure.reason) << '\n';
  }
  output_.flush();
}

void write_failures(const std::filesystem::path& file, std::span<const IngestFailure> failures) {
  FailureFile output(file);
  output.add(failures);
  output.close();
}

}  // namespace vitrine::tools

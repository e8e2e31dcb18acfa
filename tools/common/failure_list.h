// SPDX-License-Identifier: MIT
#pragma once
/// Files that did not make it: the first few for the eye, all of them for a file.
#include <filesystem>
#include <span>
#include <string_view>

#include "common/output_file.h"
#include "vitrine/ingest.h"

namespace vitrine::tools {

/// Prints up to ten failures to stderr and how many more there are. `where_all` is what to say about the
/// rest, `what` what they are.
void print_failures(std::string_view tool, std::span<const IngestFailure> failures,
                    std::string_view where_all, std::string_view what = "failures");

/// A file of "path<TAB>reason" lines; control characters, backslashes and bytes that are not UTF-8 appear as
/// \xHH. Errors of all calls: kIo if it cannot be written.
class FailureFile {
 public:
  explicit FailureFile(const std::filesystem::path& file) : output_(file) {}
  /// They are in the file when this returns.
  void add(std::span<const IngestFailure> failures);
  void close() { output_.close(); }

 private:
  OutputFile output_;
};

/// Writes all failures into such a file.
void write_failures(const std::filesystem::path& file, std::span<const IngestFailure> failures);

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#pragma once
/// Files that did not make it: the first few for the eye, all of them for a file.
#include <filesystem>
#include <span>
#include <string_view>

#include "vitrine/ingest.h"

namespace vitrine::tools {

/// Prints up to ten failures to stderr and how many more there are. `where_all` is what to say about the
/// rest.
void print_failures(std::string_view tool, std::span<const IngestFailure> failures,
                    std::string_view where_all);

/// Writes every failure as "path<TAB>reason" lines; control characters, backslashes and bytes that are not
/// UTF-8 appear as \xHH. ErrorCode::kIo if the file cannot be written.
void write_failures(const std::filesystem::path& file, std::span<const IngestFailure> failures);

}  // namespace vitrine::tools

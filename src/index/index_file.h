// SPDX-License-Identifier: MIT
#pragma once
/// Writes one version of the rows, their lists and the calibration to a file, and reads it back as a mapping
/// that RowLists goes on with. The format is docs/format.md's.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/files.h"
#include "base/mapped_file.h"
#include "index/index_format.h"
#include "index/row_lists.h"

namespace vitrine::index {

/// What an index is apart from its rows and lists.
struct IndexSettings {
  std::uint64_t seed = 0;
  std::uint64_t min_rows_for_lists = 0;
  std::uint64_t rows_per_list = 0;
};

/// A file that was opened and found sound. Spans point into the mapping.
struct IndexFile {
  base::MappedFile mapping;
  std::size_t code_bits = 0;
  IndexSettings settings;
  std::span<const std::byte> calibration;
  std::span<const std::byte> host_data;
  RowImage rows;
};

/// Writes the newest version of the rows; changes and searches may go on meanwhile.
void write_index_file(base::Files& files, const std::filesystem::path& path, const RowLists& rows,
                      const IndexSettings& settings, std::span<const std::byte> calibration,
                      std::span<const std::byte> host_data);

/// Maps a file and checks all of it but the ids and codes; these too with `check_rows`.
IndexFile read_index_file(const std::filesystem::path& path, bool check_rows);

}  // namespace vitrine::index

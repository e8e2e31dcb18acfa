// SPDX-License-Identifier: MIT
#pragma once
/// Arrays that NumPy reads (format 1.0), written row by row: the number of rows is filled in at the end.
#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "common/buffered_file.h"

namespace vitrine::tools {

class NpyFile {
 public:
  /// Rows of `num_columns` values of NumPy's type `descr`, for example "|u1". The file appears under its name
  /// with close(). Errors of all calls: kIo, kResource.
  NpyFile(const std::filesystem::path& path, std::string_view descr, std::size_t num_columns);

  /// Appends a row in the bytes that it has in memory.
  void add_row(std::span<const std::byte> row);

  /// Writes what is buffered and the final header. The last call.
  void close();

 private:
  std::string header() const;

  BufferedFile file_;
  std::string descr_;
  std::size_t num_columns_;
  std::size_t num_rows_ = 0;
};

/// NumPy's name of this machine's float32, "<f4" or ">f4".
std::string_view npy_float32();

}  // namespace vitrine::tools

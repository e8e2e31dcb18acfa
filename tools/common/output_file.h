// SPDX-License-Identifier: MIT
#pragma once
/// A text file for results. Nothing is silently lost: every failure to write becomes ErrorCode::kIo.
#include <filesystem>
#include <fstream>

namespace vitrine::tools {

class OutputFile {
 public:
  /// Creates or empties the file.
  explicit OutputFile(std::filesystem::path path);
  std::ostream& stream() { return stream_; }
  /// Writes what is buffered so far.
  void flush();
  /// Writes what is buffered; must be called, since a destructor could not report a full disk.
  void close();

 private:
  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace vitrine::tools

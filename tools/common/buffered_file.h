// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/temporary_file.h"

namespace vitrine::tools {

/// A file written in many small pieces that appears under its name when it is complete. Errors of all calls:
/// kIo, kResource (disk full).
class BufferedFile {
 public:
  explicit BufferedFile(const std::filesystem::path& path) : file_(path) {}

  void write(std::string_view bytes) {
    constexpr std::size_t kBufferBytes = std::size_t{1} << 18;
    buffer_ += bytes;
    if (buffer_.size() >= kBufferBytes) flush();
  }

  /// The bytes that the values have in memory.
  template <typename... Values>
  void write_values(const Values&... values) {
    static_assert((std::is_trivially_copyable_v<Values> && ...));
    (write({reinterpret_cast<const char*>(&values), sizeof values}), ...);
  }

  /// Puts bytes over those at the offset, which were written before.
  void write_at(std::uint64_t offset_bytes, std::string_view bytes) {
    flush();
    file_.write_at(offset_bytes, bytes);
  }

  /// The last call.
  void commit() {
    flush();
    file_.commit();
  }

 private:
  void flush() {
    file_.write(buffer_);
    buffer_.clear();
  }

  base::TemporaryFile file_;
  std::string buffer_;
};

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#pragma once
/// A file mapped read-only into memory.
#include <cstddef>
#include <filesystem>
#include <span>

namespace vitrine::base {

class MappedFile {
 public:
  MappedFile() = default;
  /// Maps the whole file. Errors: kNotFound, kIo. An empty file gives empty bytes.
  explicit MappedFile(const std::filesystem::path& path);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }

 private:
  void unmap();
  std::span<const std::byte> bytes_;
};

}  // namespace vitrine::base

// SPDX-License-Identifier: MIT
#pragma once
/// A file mapped into memory.
#include <cstddef>
#include <filesystem>
#include <span>

namespace vitrine::base {

class MappedFile {
 public:
  enum class Access {
    kReadOnly,
    kPrivateCopy  ///< the memory can be written to; the file never changes
  };

  MappedFile() = default;
  /// Maps the whole file. Errors: kNotFound, kIo. An empty file gives empty bytes.
  explicit MappedFile(const std::filesystem::path& path, Access access = Access::kReadOnly);
  MappedFile(MappedFile&& other) noexcept;
  MappedFile& operator=(MappedFile&& other) noexcept;
  ~MappedFile();

  std::span<const std::byte> bytes() const { return bytes_; }
  /// The same bytes, of a file mapped as a private copy.
  std::span<std::byte> writable_bytes() { return bytes_; }

 private:
  void unmap();
  std::span<std::byte> bytes_;
};

}  // namespace vitrine::base

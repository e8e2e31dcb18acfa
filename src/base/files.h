// SPDX-License-Identifier: MIT
#pragma once
/// The few operations with which files other than SQLite's are changed. Everything goes through
/// this interface so that tests can let any operation fail, tear a write, or forget what was not synced.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>

namespace vitrine::base {

/// A file open for writing. Errors of all calls: kResource (disk full, size limit), kIo.
class OutputFile {
 public:
  virtual ~OutputFile() = default;
  /// Writes all bytes at the offset; a failure may leave a part of them.
  virtual void write_at(std::uint64_t offset_bytes, std::span<const std::byte> bytes) = 0;
  virtual void truncate(std::uint64_t length_bytes) = 0;
  /// Returns when the content is durable.
  virtual void sync() = 0;
};

class Files {
 public:
  virtual ~Files() = default;
  enum class Existence { kMustExist, kMayCreate };
  virtual std::unique_ptr<OutputFile> open(const std::filesystem::path& path, Existence existence) = 0;
  virtual void rename(const std::filesystem::path& from, const std::filesystem::path& to) = 0;
  /// Gives each the other's name, in one step. kUnsupported if the file system cannot.
  virtual void exchange(const std::filesystem::path& one, const std::filesystem::path& other) = 0;
  virtual void remove(const std::filesystem::path& path) = 0;
  virtual void make_folder(const std::filesystem::path& path) = 0;
  /// Makes creations, renames and removals in the folder durable.
  virtual void sync_folder(const std::filesystem::path& folder) = 0;
};

/// The operating system's files. Has no state; may be used concurrently.
Files& system_files();

}  // namespace vitrine::base

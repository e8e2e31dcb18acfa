// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <filesystem>
#include <string_view>

namespace vitrine::base {

/// A file under a name of its own, beside the one it will replace, that vanishes unless it is committed.
/// Errors of all calls: kIo, kResource (disk full); of the constructor also kInvalidArgument if the target is
/// there and is no regular file: a folder, device or pipe must not be replaced.
class TemporaryFile {
 public:
  explicit TemporaryFile(const std::filesystem::path& target);
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  ~TemporaryFile();

  /// Appends.
  void write(std::string_view bytes);

  /// Puts bytes over those at the offset; whatever is appended later still goes to the end.
  void write_at(std::uint64_t offset_bytes, std::string_view bytes);

  /// Makes the content durable and gives the file its final name. The last call.
  void commit();

 private:
  void sync_folder() const;

  std::filesystem::path target_;
  std::filesystem::path path_;
  int file_ = -1;
  bool renamed_ = false;
};

}  // namespace vitrine::base

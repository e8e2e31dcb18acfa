// SPDX-License-Identifier: MIT
#pragma once
#include <filesystem>

#include "base/files.h"

namespace vitrine::base {

/// A folder under a name of its own, beside the one it will become, that vanishes with all that is in it
/// unless it is committed.
class TemporaryFolder {
 public:
  /// Errors: kAlreadyExists if there is anything at `target`, kNotFound if the folder around it is missing,
  /// kIo, kResource (disk full).
  explicit TemporaryFolder(const std::filesystem::path& target, Files& files = system_files());
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  ~TemporaryFolder();

  const std::filesystem::path& path() const { return path_; }

  /// Makes the names in the folder durable and gives it its final name. What is in its files must be durable
  /// already. The last call. Errors: kIo, after which it may have its final name and be whole; kAlreadyExists
  /// if the target has come to be meanwhile.
  void commit();

 private:
  Files& files_;
  std::filesystem::path target_;
  std::filesystem::path path_;
  bool renamed_ = false;
};

}  // namespace vitrine::base

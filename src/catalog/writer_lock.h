// SPDX-License-Identifier: MIT
#pragma once
/// Lets one process at a time write a catalogue. The system drops the lock when its holder dies.
#include <filesystem>

namespace vitrine::catalog {

constexpr const char* kLockName = "lock";

class WriterLock {
 public:
  /// Takes the lock or fails at once. Errors: kResource naming the holder and since when, kIo.
  explicit WriterLock(const std::filesystem::path& folder);
  WriterLock(const WriterLock&) = delete;
  WriterLock& operator=(const WriterLock&) = delete;
  ~WriterLock();

 private:
  int descriptor_;
};

}  // namespace vitrine::catalog

// SPDX-License-Identifier: MIT
#pragma once
/// Tells what the newest committed state is, beside connections that keep an older one.
#include <cstdint>
#include <filesystem>
#include <mutex>

#include "catalog/database.h"

namespace vitrine::catalog {

/// All calls may run concurrently. Errors are SQLite's (see database.h).
class StateWatch {
 public:
  StateWatch(const std::filesystem::path& file, Database::Access access, const char* vfs)
      : database_(file, access, vfs) {}

  /// As Catalog::state(). Some microseconds.
  std::uint64_t newest_state() const;

 private:
  Database database_;
  mutable std::mutex mutex_;
  mutable Statement state_;
};

}  // namespace vitrine::catalog

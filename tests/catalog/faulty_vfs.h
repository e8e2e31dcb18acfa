// SPDX-License-Identifier: MIT
#pragma once
/// A layer between SQLite and its files whose operations count as those of a FaultyFiles, and which can lose
/// power: what was written since a file's last sync is then there or not, sector by sector, as chance has it.
#include <sqlite3.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "faulty_files.h"

namespace vitrine::test {

/// Registered with SQLite under `name()` while it lives; one at a time. Nothing is really synced.
class FaultyVfs {
 public:
  explicit FaultyVfs(FaultyFiles& files);
  FaultyVfs(const FaultyVfs&) = delete;
  FaultyVfs& operator=(const FaultyVfs&) = delete;
  ~FaultyVfs();

  static const char* name() { return "vitrine-faulty"; }

  /// To be called when nobody has the files open. A file that was never synced disappears.
  void cut_power(std::uint64_t seed);
  /// Believes that everything is durable as it is now.
  void forget() { contents_.clear(); }

 private:
  friend struct FaultyVfsMethods;
  struct Write {
    std::uint64_t offset_bytes = 0;
    std::string bytes;
    bool truncates = false;  ///< at the offset, instead of writing
  };
  /// What a file would be after a power cut.
  struct Content {
    bool is_durable = false;  ///< its name is
    std::string synced;
    std::vector<Write> unsynced;
  };
  bool fails() { return files_.fails_now(); }
  Content& content_of(const std::string& path);

  FaultyFiles& files_;
  sqlite3_vfs* system_;
  sqlite3_vfs vfs_;
  std::map<std::string, Content> contents_;
};

}  // namespace vitrine::test

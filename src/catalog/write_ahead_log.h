// SPDX-License-Identifier: MIT
#pragma once
/// SQLite's log of commits. Readers keep their states by it, so it can be begun anew only when all of it has
/// been copied into the database and nobody reads from it any more. With readers that always go on from one
/// state to the next, that never happens by itself, and the log grows without end.
#include <cstdint>

#include "catalog/database.h"

namespace vitrine::catalog {

/// Whether the database has all that its log has, so that who opens it now does not need the log. For a
/// connection that has read from the database. A microsecond.
bool is_log_copied(const Database& database);

/// Keeps the log of a writer short. To be made once a connection has its settings, and to live no longer than
/// the connection.
class LogLimit {
 public:
  /// From so many bytes of pages on, the log is begun anew as soon as readers allow.
  LogLimit(const Database& database, std::uint64_t max_bytes);
  LogLimit(const LogLimit&) = delete;
  LogLimit& operator=(const LogLimit&) = delete;
  ~LogLimit();

  /// To be called after every commit. Waits a little for readers that are about to go on to the newest state;
  /// where others stay, it is tried again when the log has grown by a quarter. An error leaves the log as it
  /// is.
  void after_commit() noexcept;

 private:
  static int note_length(void* limit, sqlite3* connection, const char* schema, int num_pages);

  const Database& database_;
  const std::uint32_t max_pages_;
  std::uint32_t num_pages_ = 0;
  std::uint32_t next_attempt_ = 0;
};

}  // namespace vitrine::catalog

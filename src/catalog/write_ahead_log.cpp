// SPDX-License-Identifier: MIT
#include "catalog/write_ahead_log.h"

#include <string>

namespace vitrine::catalog {
namespace {

// Readers that follow look for a new state every 20 ms.
constexpr int kWaitMs = 100;

// Of the first page of the shared memory beside the log; sqlite.org/walformat.html, section 2.1.
constexpr int kRegionBytes = 32 * 1024;
constexpr std::size_t kNumPagesAt = 16 / sizeof(std::uint32_t);
constexpr std::size_t kNumCopiedAt = 96 / sizeof(std::uint32_t);

// SQLite opens shared memory for any database, but closes it only for those with a log.
bool has_log(const Database& database) {
  constexpr std::size_t kReadVersionAt = 19;
  constexpr char kWithLog = 2;
  const std::string start = database.first_bytes(kReadVersionAt + 1);
  return start.size() > kReadVersionAt && start[kReadVersionAt] == kWithLog;
}

std::uint64_t page_bytes(const Database& database) {
  Statement statement = database.prepare("PRAGMA page_size");
  statement.step();
  return static_cast<std::uint64_t>(statement.integer(0));
}

}  // namespace

bool is_log_copied(const Database& database) {
  if (!has_log(database)) return true;
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(database.get(), "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file->pMethods == nullptr || file->pMethods->iVersion < 2) {
    return true;
  }
  void volatile* region = nullptr;
  // Not to be opened as a file: closing that would drop SQLite's locks on it.
  if (file->pMethods->xShmMap(file, 0, kRegionBytes, 0, &region) != SQLITE_OK || region == nullptr)
    return true;
  const auto* const numbers = static_cast<const volatile std::uint32_t*>(region);
  return numbers[kNumCopiedAt] == numbers[kNumPagesAt];
}

LogLimit::LogLimit(const Database& database, std::uint64_t max_bytes)
    : database_(database), max_pages_(static_cast<std::uint32_t>(max_bytes / page_bytes(database))) {
  // In place of SQLite's own, which copies what it can and never waits.
  sqlite3_wal_hook(database_.get(), note_length, this);
}

LogLimit::~LogLimit() {
  sqlite3_wal_hook(database_.get(), nullptr, nullptr);
}

int LogLimit::note_length(void* limit, sqlite3*, const char*, int num_pages) {
  static_cast<LogLimit*>(limit)->num_pages_ = static_cast<std::uint32_t>(num_pages);
  return SQLITE_OK;
}

void LogLimit::after_commit() noexcept {
  if (num_pages_ < max_pages_) next_attempt_ = 0;
  if (num_pages_ < max_pages_ || num_pages_ < next_attempt_) return;
  sqlite3_busy_timeout(database_.get(), kWaitMs);
  sqlite3_wal_checkpoint_v2(database_.get(), "main", SQLITE_CHECKPOINT_RESTART, nullptr, nullptr);
  database_.wait_as_long_as_usual();
  next_attempt_ = num_pages_ + num_pages_ / 4;
}

}  // namespace vitrine::catalog

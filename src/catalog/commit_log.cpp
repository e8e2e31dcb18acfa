// SPDX-License-Identifier: MIT
#include "catalog/commit_log.h"

#include <algorithm>
#include <cstring>

#include "catalog/schema.h"

namespace vitrine::catalog {
namespace {

// A reader that has missed more than this begins anew, which costs it about as much.
constexpr std::int64_t kMaxCommits = 4096;
constexpr std::int64_t kMaxBytes = 4 << 20;
constexpr std::size_t kMaxTouched = 65'536;  // of one commit
// Adding up the bytes of all commits costs as much as a few commits do.
constexpr std::int64_t kCommitsPerSum = 64;

}  // namespace

void CommitLog::touch(ItemId id) {
  if (touched_.size() == kMaxTouched) all_ = true;
  if (!all_) touched_.push_back(id);
}

void CommitLog::write(std::uint64_t state) {
  Statement insert = database_.prepare("INSERT INTO commits(state, touched) VALUES(?, ?)");
  insert.bind(1, static_cast<std::int64_t>(state));
  if (all_) {
    insert.bind_null(2);
  } else {
    // Little-endian in the file, as in memory.
    insert.bind_blob(2, std::as_bytes(std::span(touched_)));
  }
  insert.run();
  const std::int64_t number = sqlite3_last_insert_rowid(database_.get());
  database_.prepare("DELETE FROM commits WHERE number <= ?").bind(1, number - kMaxCommits).run();
  if (number % kCommitsPerSum != 0) return;
  database_
      .prepare(
          "DELETE FROM commits WHERE number <= (SELECT max(number) FROM (SELECT number, "
          "sum(ifnull(length(touched), 0)) OVER (ORDER BY number DESC) AS bytes FROM commits) WHERE bytes > "
          "?)")
      .bind(1, kMaxBytes)
      .run();
}

void CommitLog::clear() noexcept {
  touched_.clear();
  all_ = false;
}

std::optional<std::vector<ItemId>> CommitLog::touched_since(std::uint64_t state) const {
  if (state == 0 || is_older_version(database_)) return std::nullopt;
  Statement newest_first = database_.prepare("SELECT state, touched FROM commits ORDER BY number DESC");
  std::vector<ItemId> touched;
  while (newest_first.step()) {
    if (static_cast<std::uint64_t>(newest_first.integer(0)) == state) {
      std::sort(touched.begin(), touched.end());
      touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
      return touched;
    }
    if (newest_first.is_null(1)) return std::nullopt;
    const std::string_view bytes = newest_first.bytes(1);
    const std::size_t first = touched.size();
    touched.resize(first + bytes.size() / sizeof(ItemId));
    if (!bytes.empty()) std::memcpy(touched.data() + first, bytes.data(), bytes.size() / 8 * 8);
  }
  return std::nullopt;
}

}  // namespace vitrine::catalog

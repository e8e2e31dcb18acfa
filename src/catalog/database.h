// SPDX-License-Identifier: MIT
#pragma once
/// SQLite with ownership in types and its errors as vitrine::Error.
#include <sqlite3.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace vitrine::catalog {

/// Throws the connection's last error: kResource for a full disk, kCorrupt for damage, kIo, or kInternal;
/// std::bad_alloc when memory ran out.
[[noreturn]] void throw_sqlite(sqlite3* connection, std::string_view attempt);

/// Throws kCorrupt for the page that this connection could not read last.
[[noreturn]] void throw_damaged_page(sqlite3* connection);

/// A prepared statement; used by one thread at a time.
class Statement {
 public:
  Statement() = default;
  /// Errors: kCorrupt if the database lacks the tables the statement names.
  Statement(sqlite3* connection, std::string_view sql);

  explicit operator bool() const { return statement_ != nullptr; }
  sqlite3_stmt* get() const { return statement_.get(); }

  // Parameters count from 1. Texts and blobs are not copied: they must live until reset().
  Statement& bind(int parameter, std::int64_t value);
  Statement& bind_null(int parameter);
  Statement& bind_text(int parameter, std::string_view text);
  Statement& bind_blob(int parameter, std::span<const std::byte> bytes);
  /// Any bytes: as text where they are UTF-8, so that SQL can compare them with literals, as a blob
  /// elsewhere.
  Statement& bind_bytes(int parameter, std::string_view bytes);

  /// True while there is a row.
  bool step();
  /// Steps to the end and resets.
  void run();
  void reset();

  // Columns count from 0.
  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_.get(), column); }
  bool is_null(int column) const { return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL; }
  /// Text or blob, valid until the next step.
  std::string_view bytes(int column) const;

 private:
  void check(int result, std::string_view attempt) const;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
};

/// Resets a cached statement at the end of a scope, whatever happens in it.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;
  ~ResetAtEnd() { statement_.reset(); }

 private:
  Statement& statement_;
};

/// A connection; SQLite serialises calls of several threads.
class Database {
 public:
  enum class Access { kCreate, kReadWrite, kReadOnly, kImmutable };
  /// `vfs` names the layer through which SQLite reads and writes files; null: the system's.
  Database(const std::filesystem::path& file, Access access, const char* vfs = nullptr);
  /// An empty database in memory.
  Database();

  sqlite3* get() const { return connection_.get(); }
  Statement prepare(std::string_view sql) const { return {get(), sql}; }
  void execute(const char* sql) const;
  /// The file's first bytes, fewer if it is shorter, without a lock or a look at them by SQLite. (Opening the
  /// file beside SQLite is no choice: closing it would drop the locks of every connection of this process.)
  std::string first_bytes(std::size_t count) const;
  /// Gives the pages checksums if they have none, and free pages and the log's space back, as far as readers
  /// of earlier states allow, without waiting for them. Needs the database's size in free space while it
  /// runs.
  void shrink() const;
  /// Whether the file has lost its name, or another one has it.
  bool has_moved() const noexcept;
  /// Copies the log into the database and cuts it off; false if readers do not allow that now.
  bool empty_log() const noexcept;
  /// After a change of `sqlite3_busy_timeout`.
  void wait_as_long_as_usual() const noexcept;
  bool in_transaction() const { return sqlite3_get_autocommit(get()) == 0; }

 private:
  void open(const std::string& uri, int flags, const char* vfs);
  struct Close {
    void operator()(sqlite3* connection) const { sqlite3_close_v2(connection); }
  };
  std::unique_ptr<sqlite3, Close> connection_;
};

/// Whether SQLite can treat the bytes as text: valid UTF-8 without a zero byte.
bool is_text(std::string_view bytes);

}  // namespace vitrine::catalog

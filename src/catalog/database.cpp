// SPDX-License-Identifier: MIT
#include "catalog/database.h"

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

#include "base/system_error.h"
#include "catalog/checked_pages.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

constexpr int kBusyTimeoutMs = 10'000;

ErrorCode code_of_sqlite(sqlite3* connection) {
  switch (sqlite3_errcode(connection)) {
    case SQLITE_FULL:
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_INTERRUPT:
    case SQLITE_TOOBIG:
      return ErrorCode::kResource;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:  // a table or column is missing: the statements themselves are fixed
    case SQLITE_SCHEMA:
    case SQLITE_MISMATCH:
    case SQLITE_CONSTRAINT:
      return ErrorCode::kCorrupt;
    case SQLITE_IOERR:
      // SQLite tells a full disk apart (SQLITE_FULL) but neither a quota nor a file size limit, and keeps no
      // errno.
      return sqlite3_extended_errcode(connection) == SQLITE_IOERR_WRITE ? ErrorCode::kResource
                                                                        : ErrorCode::kIo;
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return ErrorCode::kIo;
    default:
      return ErrorCode::kInternal;
  }
}

// SQLite decodes %HH in a URI; '?' and '#' would end the path.
std::string uri_of(const std::filesystem::path& file, std::string_view query) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string uri = "file:";
  std::error_code error;
  const std::filesystem::path absolute = std::filesystem::absolute(file, error);
  if (error) base::throw_errno("find the folder of", file, error.value());
  for (const char c : absolute.string()) {
    if (c == '%' || c == '?' || c == '#') {
      const auto byte = static_cast<unsigned char>(c);
      uri += {'%', kHex[byte >> 4], kHex[byte & 15]};
    } else {
      uri += c;
    }
  }
  return uri.append(query);
}

}  // namespace

void throw_damaged_page(sqlite3* connection) {
  const std::vector<std::uint64_t> offsets_bytes = damaged_pages(connection);
  const std::string place = offsets_bytes.empty() ? "" : " at byte " + std::to_string(offsets_bytes.back());
  throw Error(ErrorCode::kCorrupt,
              "'" + std::string(sqlite3_db_filename(connection, "main")) + "' is damaged" + place +
                  ": the page there does not match its checksum; restore the folder from a backup "
                  "(vitrine-admin verify tells what else is damaged)");
}

void throw_sqlite(sqlite3* connection, std::string_view attempt) {
  if (sqlite3_errcode(connection) == SQLITE_NOMEM) throw std::bad_alloc();
  if (sqlite3_extended_errcode(connection) == SQLITE_IOERR_DATA) throw_damaged_page(connection);
  const char* file = sqlite3_db_filename(connection, "main");
  std::string message = "cannot " + std::string(attempt);
  if (file != nullptr && *file != '\0') message += " '" + std::string(file) + "'";
  message += ": " + std::string(sqlite3_errmsg(connection));
  if (sqlite3_extended_errcode(connection) == SQLITE_IOERR_WRITE) {
    message += "; perhaps a quota or a limit of file sizes is met";
  }
  throw Error(code_of_sqlite(connection), message);
}

Statement::Statement(sqlite3* connection, std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v2(connection, sql.data(), static_cast<int>(sql.size()), &statement, nullptr);
  statement_.reset(statement);
  if (result != SQLITE_OK) throw_sqlite(connection, "read the tables of");
}

void Statement::check(int result, std::string_view attempt) const {
  if (result != SQLITE_OK) throw_sqlite(sqlite3_db_handle(statement_.get()), attempt);
}

Statement& Statement::bind(int parameter, std::int64_t value) {
  check(sqlite3_bind_int64(statement_.get(), parameter, value), "pass a number to");
  return *this;
}

Statement& Statement::bind_null(int parameter) {
  check(sqlite3_bind_null(statement_.get(), parameter), "pass a value to");
  return *this;
}

Statement& Statement::bind_text(int parameter, std::string_view text) {
  // A null pointer would become NULL instead of an empty text.
  const char* data = text.data() == nullptr ? "" : text.data();
  check(sqlite3_bind_text64(statement_.get(), parameter, data, text.size(), SQLITE_STATIC, SQLITE_UTF8),
        "pass a text to");
  return *this;
}

Statement& Statement::bind_blob(int parameter, std::span<const std::byte> bytes) {
  const void* data = bytes.data() == nullptr ? static_cast<const void*>("") : bytes.data();
  check(sqlite3_bind_blob64(statement_.get(), parameter, data, bytes.size(), SQLITE_STATIC), "pass bytes to");
  return *this;
}

Statement& Statement::bind_bytes(int parameter, std::string_view bytes) {
  if (is_text(bytes)) return bind_text(parameter, bytes);
  return bind_blob(parameter, std::as_bytes(std::span(bytes)));
}

bool Statement::step() {
  const int result = sqlite3_step(statement_.get());
  if (result == SQLITE_ROW) return true;
  if (result != SQLITE_DONE) throw_sqlite(sqlite3_db_handle(statement_.get()), "read or write");
  return false;
}

void Statement::run() {
  const ResetAtEnd reset_at_end(*this);
  while (step()) {
  }
}

void Statement::reset() {
  // The result repeats the error of the last step, which was reported there.
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

std::string_view Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  if (data == nullptr) return {};
  return {static_cast<const char*>(data),
          static_cast<std::size_t>(sqlite3_column_bytes(statement_.get(), column))};
}

Database::Database(const std::filesystem::path& file, Access access, const char* vfs) {
  int flags = SQLITE_OPEN_READONLY;
  if (access == Access::kReadWrite) flags = SQLITE_OPEN_READWRITE;
  if (access == Access::kCreate) flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  open(uri_of(file, access == Access::kImmutable ? "?immutable=1" : ""), flags, checked_pages(vfs));
}

Database::Database() {
  open(":memory:", SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
}

void Database::open(const std::string& uri, int flags, const char* vfs) {
  sqlite3* connection = nullptr;
  const int result =
      sqlite3_open_v2(uri.c_str(), &connection, flags | SQLITE_OPEN_URI | SQLITE_OPEN_FULLMUTEX, vfs);
  connection_.reset(connection);
  if (connection == nullptr) throw std::bad_alloc();
  if (result != SQLITE_OK) throw_sqlite(connection, "open the database");
  sqlite3_extended_result_codes(connection, 0);
  wait_as_long_as_usual();
  // The file may come from anywhere: nothing in its schema may act, and a quoted name is a name, never a
  // text.
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_ENABLE_VIEW, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(connection, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_limit(connection, SQLITE_LIMIT_ATTACHED, 0);
}

void Database::execute(const char* sql) const {
  if (sqlite3_exec(get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) throw_sqlite(get(), "read or write");
}

void Database::shrink() const {
  Statement journal = prepare("PRAGMA journal_mode");
  if (journal.step() && journal.bytes(0) == "wal") request_page_checksums(get());
  journal.reset();
  // VACUUM attaches a temporary database.
  const int num_attached = sqlite3_limit(get(), SQLITE_LIMIT_ATTACHED, 1);
  const int result = sqlite3_exec(get(), "VACUUM", nullptr, nullptr, nullptr);
  sqlite3_limit(get(), SQLITE_LIMIT_ATTACHED, num_attached);
  withdraw_page_checksums(get());
  if (result != SQLITE_OK) throw_sqlite(get(), "make smaller");
  empty_log();
}

bool Database::empty_log() const noexcept {
  sqlite3_busy_timeout(get(), 0);
  const int result = sqlite3_wal_checkpoint_v2(get(), nullptr, SQLITE_CHECKPOINT_TRUNCATE, nullptr, nullptr);
  wait_as_long_as_usual();
  return result == SQLITE_OK;
}

bool Database::has_moved() const noexcept {
  int has_moved = 0;
  sqlite3_file_control(get(), "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
  return has_moved != 0;
}

void Database::wait_as_long_as_usual() const noexcept {
  sqlite3_busy_timeout(get(), kBusyTimeoutMs);
}

std::string Database::first_bytes(std::size_t count) const {
  sqlite3_file* file = nullptr;
  if (sqlite3_file_control(get(), "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
      file->pMethods == nullptr) {
    throw_sqlite(get(), "read");
  }
  sqlite3_int64 length_bytes = 0;
  std::string bytes;
  if (file->pMethods->xFileSize(file, &length_bytes) == SQLITE_OK) {
    bytes.resize(std::min(count, static_cast<std::size_t>(length_bytes)));
    if (file->pMethods->xRead(file, bytes.data(), static_cast<int>(bytes.size()), 0) == SQLITE_OK)
      return bytes;
  }
  throw Error(ErrorCode::kIo, "cannot read '" + std::string(sqlite3_db_filename(get(), "main")) + "'");
}

bool is_text(std::string_view bytes) {
  std::size_t i = 0;
  while (i < bytes.size()) {
    const auto lead = static_cast<unsigned char>(bytes[i++]);
    if (lead == 0) return false;
    if (lead < 0x80) continue;
    const int num_following = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
    if (lead < 0xc2 || lead > 0xf4) return false;
    std::uint32_t value = lead & (0x3fu >> num_following);
    for (int k = 0; k < num_following; ++k) {
      if (i == bytes.size()) return false;
      const auto next = static_cast<unsigned char>(bytes[i++]);
      if ((next & 0xc0) != 0x80) return false;
      value = value << 6 | (next & 0x3f);
    }
    constexpr std::uint32_t kSmallest[] = {0, 0x80, 0x800, 0x10000};
    if (value < kSmallest[num_following] || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) {
      return false;
    }
  }
  return true;
}

}  // namespace vitrine::catalog

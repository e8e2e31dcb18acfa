// SPDX-License-Identifier: MIT
#include "catalog/checked_pages.h"

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <string>

#include "catalog/page_checksum.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

// Requests to the layer itself; SQLite leaves numbers above 100 to applications.
constexpr int kFillInPages = 0x56545201;
constexpr int kDamagedPages = 0x56545202;

using Bytes = std::span<const std::byte>;
using Offsets = std::vector<std::uint64_t>;

/// What SQLite has open: the file of the layer below lies behind it.
struct File {
  sqlite3_file base{};
  bool has_checksums = false;
  std::vector<std::byte> filled_in;  ///< a page to be written
  Offsets damaged;                   ///< the last one noticed at the end

  sqlite3_file* below() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File& self(sqlite3_file* file) {
  return *reinterpret_cast<File*>(file);
}

sqlite3_vfs* below(sqlite3_vfs* layer) {
  return static_cast<sqlite3_vfs*>(layer->pAppData);
}

template <auto Method, typename Result, typename... Arguments>
Result forward(sqlite3_vfs* layer, Arguments... arguments) {
  return (below(layer)->*Method)(below(layer), arguments...);
}

template <auto Method, typename Result, typename... Arguments>
Result forward(sqlite3_file* file, Arguments... arguments) {
  sqlite3_file* const below = self(file).below();
  return (below->pMethods->*Method)(below, arguments...);
}

bool is_damaged(File& file, Bytes bytes, std::uint64_t offset) {
  const bool is_start = is_database_start(bytes, offset);
  if (is_start) file.has_checksums = announces_page_checksums(bytes);
  if (!is_page(bytes.size(), offset)) return false;
  return file.has_checksums ? !matches_checksum(bytes, offset) : is_start && lost_its_announcement(bytes);
}

// SQLite takes what a read cannot reach for zeros. That is right where a page is missing wholly: it is new.
bool is_cut_off(File& file, Bytes bytes, std::uint64_t offset) {
  sqlite3_int64 length_bytes = 0;
  return file.has_checksums && is_page(bytes.size(), offset) &&
         forward<&sqlite3_io_methods::xFileSize, int>(&file.base, &length_bytes) == SQLITE_OK &&
         offset < static_cast<std::uint64_t>(length_bytes);
}

int read(sqlite3_file* sqlite_file, void* buffer, int count, sqlite3_int64 place) {
  const int result = forward<&sqlite3_io_methods::xRead, int>(sqlite_file, buffer, count, place);
  if (result != SQLITE_OK && result != SQLITE_IOERR_SHORT_READ) return result;
  File& file = self(sqlite_file);
  const Bytes bytes(static_cast<const std::byte*>(buffer), static_cast<std::size_t>(count));
  const auto offset = static_cast<std::uint64_t>(place);
  try {
    const bool is_wrong =
        result == SQLITE_OK ? is_damaged(file, bytes, offset) : is_cut_off(file, bytes, offset);
    if (!is_wrong) return result;
    file.damaged.erase(std::remove(file.damaged.begin(), file.damaged.end(), offset), file.damaged.end());
    file.damaged.push_back(offset);
    return SQLITE_IOERR_DATA;
  } catch (const std::bad_alloc&) {
    return SQLITE_IOERR_NOMEM;
  }
}

int write(sqlite3_file* sqlite_file, const void* buffer, int count, sqlite3_int64 place) {
  File& file = self(sqlite_file);
  const Bytes bytes(static_cast<const std::byte*>(buffer), static_cast<std::size_t>(count));
  const auto offset = static_cast<std::uint64_t>(place);
  if (is_database_start(bytes, offset)) file.has_checksums = announces_page_checksums(bytes);
  if (file.has_checksums && is_page(bytes.size(), offset)) {
    try {
      file.filled_in.assign(bytes.begin(), bytes.end());
    } catch (const std::bad_alloc&) {
      return SQLITE_IOERR_NOMEM;
    }
    fill_in_checksum(file.filled_in, offset);
    buffer = file.filled_in.data();
  }
  return forward<&sqlite3_io_methods::xWrite, int>(sqlite_file, buffer, count, place);
}

int control(sqlite3_file* sqlite_file, int request, void* argument) {
  File& file = self(sqlite_file);
  switch (request) {
    case kFillInPages:
      file.has_checksums = true;
      return SQLITE_OK;
    case kDamagedPages:
      *static_cast<const Offsets**>(argument) = &file.damaged;
      return SQLITE_OK;
    default:
      return forward<&sqlite3_io_methods::xFileControl, int>(sqlite_file, request, argument);
  }
}

int close(sqlite3_file* sqlite_file) {
  const int result = forward<&sqlite3_io_methods::xClose, int>(sqlite_file);
  std::destroy_at(&self(sqlite_file));
  return result;
}

// Version 3 would let SQLite map pages.
constexpr sqlite3_io_methods methods_of_version(int version) {
  return {version,
          close,
          read,
          write,
          forward<&sqlite3_io_methods::xTruncate>,
          forward<&sqlite3_io_methods::xSync>,
          forward<&sqlite3_io_methods::xFileSize>,
          forward<&sqlite3_io_methods::xLock>,
          forward<&sqlite3_io_methods::xUnlock>,
          forward<&sqlite3_io_methods::xCheckReservedLock>,
          control,
          forward<&sqlite3_io_methods::xSectorSize>,
          forward<&sqlite3_io_methods::xDeviceCharacteristics>,
          forward<&sqlite3_io_methods::xShmMap>,
          forward<&sqlite3_io_methods::xShmLock>,
          forward<&sqlite3_io_methods::xShmBarrier>,
          forward<&sqlite3_io_methods::xShmUnmap>,
          nullptr,
          nullptr};
}

constexpr sqlite3_io_methods kMethods = methods_of_version(1);
constexpr sqlite3_io_methods kMethodsWithSharedMemory = methods_of_version(2);

int open(sqlite3_vfs* layer, const char* name, sqlite3_file* sqlite_file, int flags, int* flags_out) {
  sqlite3_vfs* const base = below(layer);
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0) return base->xOpen(base, name, sqlite_file, flags, flags_out);
  File* const file = new (sqlite_file) File();
  const int result = base->xOpen(base, name, file->below(), flags, flags_out);
  const sqlite3_io_methods* const methods = file->below()->pMethods;
  if (result != SQLITE_OK) {
    if (methods != nullptr) methods->xClose(file->below());
    std::destroy_at(file);
    sqlite_file->pMethods = nullptr;
    return result;
  }
  const bool has_shared_memory = methods->iVersion >= 2 && methods->xShmMap != nullptr;
  file->base.pMethods = has_shared_memory ? &kMethodsWithSharedMemory : &kMethods;
  return SQLITE_OK;
}

/// A layer that stays registered, as SQLite uses it as long as any connection does.
struct Layer {
  Layer(sqlite3_vfs* base, std::size_t number)
      : name("vitrine-checked-pages-" + std::to_string(number)), vfs(*base) {
    vfs.zName = name.c_str();
    vfs.pNext = nullptr;
    vfs.pAppData = base;
    vfs.szOsFile = static_cast<int>(sizeof(File)) + base->szOsFile;
    vfs.xOpen = open;
    vfs.xDelete = forward<&sqlite3_vfs::xDelete>;
    vfs.xAccess = forward<&sqlite3_vfs::xAccess>;
    vfs.xFullPathname = forward<&sqlite3_vfs::xFullPathname>;
    vfs.xDlOpen = forward<&sqlite3_vfs::xDlOpen>;
    vfs.xDlError = forward<&sqlite3_vfs::xDlError>;
    vfs.xDlSym = forward<&sqlite3_vfs::xDlSym>;
    vfs.xDlClose = forward<&sqlite3_vfs::xDlClose>;
    vfs.xRandomness = forward<&sqlite3_vfs::xRandomness>;
    vfs.xSleep = forward<&sqlite3_vfs::xSleep>;
    vfs.xCurrentTime = forward<&sqlite3_vfs::xCurrentTime>;
    vfs.xGetLastError = forward<&sqlite3_vfs::xGetLastError>;
    if (base->xCurrentTimeInt64 != nullptr) vfs.xCurrentTimeInt64 = forward<&sqlite3_vfs::xCurrentTimeInt64>;
  }

  std::string name;
  sqlite3_vfs vfs;
};

// Sets how many bytes a page reserves, where that is still open, and returns how many it did or should until
// now.
int exchange_reserved_bytes(sqlite3* connection, int count) {
  sqlite3_file_control(connection, "main", SQLITE_FCNTL_RESERVE_BYTES, &count);
  return count;
}

}  // namespace

const char* checked_pages(const char* base) {
  static std::mutex mutex;
  // Never destroyed: a connection of a static object may outlive anything that is.
  static auto& layers = *new std::map<sqlite3_vfs*, std::unique_ptr<Layer>>;
  sqlite3_initialize();
  sqlite3_vfs* const found = sqlite3_vfs_find(base);
  if (found == nullptr) {
    throw Error(ErrorCode::kInternal,
                "SQLite has no layer for files named '" + std::string(base == nullptr ? "" : base) + "'");
  }
  const std::lock_guard lock(mutex);
  std::unique_ptr<Layer>& layer = layers[found];
  if (!layer) {
    layer = std::make_unique<Layer>(found, layers.size());
    sqlite3_vfs_register(&layer->vfs, /*makeDflt=*/0);
  }
  return layer->name.c_str();
}

void begin_with_page_checksums(sqlite3* connection) {
  request_page_checksums(connection);
  // Pages may be written before the first one, which announces them.
  sqlite3_file_control(connection, "main", kFillInPages, nullptr);
}

void request_page_checksums(sqlite3* connection) {
  exchange_reserved_bytes(connection, kPageChecksumBytes);
}

void withdraw_page_checksums(sqlite3* connection) {
  exchange_reserved_bytes(connection, 0);
}

bool has_page_checksums(sqlite3* connection) {
  constexpr int kKeep = -1;
  return exchange_reserved_bytes(connection, kKeep) == int{kPageChecksumBytes};
}

std::vector<std::uint64_t> damaged_pages(sqlite3* connection) {
  const Offsets* damaged = nullptr;
  sqlite3_file_control(connection, "main", kDamagedPages, &damaged);
  return damaged == nullptr ? Offsets() : *damaged;
}

}  // namespace vitrine::catalog

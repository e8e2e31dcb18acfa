// SPDX-License-Identifier: MIT
#include "catalog/faulty_vfs.h"

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

namespace vitrine::test {
namespace {

constexpr std::size_t kSectorBytes = 512;

std::string read_all(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

void put(std::string& content, std::uint64_t offset, const char* bytes, std::size_t count) {
  if (content.size() < offset + count) content.resize(offset + count);
  std::memcpy(content.data() + offset, bytes, count);
}

}  // namespace

/// What SQLite calls. A file is the system's, behind a header of ours.
struct FaultyVfsMethods {
  struct File {
    sqlite3_file base;
    FaultyVfs* vfs;
    std::string* path;  ///< null: a temporary file, which is none of our business
    sqlite3_file* system() { return reinterpret_cast<sqlite3_file*>(this + 1); }
  };
  static File& self(sqlite3_file* file) { return *reinterpret_cast<File*>(file); }
  static FaultyVfs& self(sqlite3_vfs* vfs) { return *static_cast<FaultyVfs*>(vfs->pAppData); }
  static sqlite3_vfs* system(sqlite3_vfs* vfs) { return self(vfs).system_; }

  static int open(sqlite3_vfs* vfs, const char* name, sqlite3_file* file, int flags, int* out_flags) {
    File& mine = self(file);
    mine.base.pMethods = nullptr;
    const bool counts =
        name != nullptr && (flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    const bool creates = counts && (flags & SQLITE_OPEN_CREATE) != 0 && !std::filesystem::exists(name);
    if (creates && self(vfs).fails()) return SQLITE_CANTOPEN;
    if (counts) self(vfs).content_of(name);
    const int result = system(vfs)->xOpen(system(vfs), name, mine.system(), flags, out_flags);
    if (result != SQLITE_OK) return result;
    mine.vfs = &self(vfs);
    mine.path = counts ? new std::string(name) : nullptr;
    mine.base.pMethods = &kMethods;
    return SQLITE_OK;
  }
  static int remove(sqlite3_vfs* vfs, const char* name, int sync_folder) {
    if (self(vfs).fails()) return SQLITE_IOERR_DELETE;
    self(vfs).contents_.erase(name);
    return system(vfs)->xDelete(system(vfs), name, sync_folder);
  }

  static int close(sqlite3_file* file) {
    const int result = self(file).system()->pMethods->xClose(self(file).system());
    delete self(file).path;
    return result;
  }
  static int write(sqlite3_file* file, const void* bytes, int count, sqlite3_int64 offset) {
    File& mine = self(file);
    sqlite3_file* const real = mine.system();
    if (mine.path == nullptr) return real->pMethods->xWrite(real, bytes, count, offset);
    const bool is_torn = mine.vfs->fails();
    const int written = is_torn ? count / 2 : count;
    if (written > 0) {
      const int result = real->pMethods->xWrite(real, bytes, written, offset);
      if (result != SQLITE_OK) return result;
    }
    mine.vfs->content_of(*mine.path)
        .unsynced.push_back(
            {static_cast<std::uint64_t>(offset),
             std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(written))});
    return is_torn ? SQLITE_FULL : SQLITE_OK;
  }
  static int truncate(sqlite3_file* file, sqlite3_int64 size) {
    File& mine = self(file);
    if (mine.path != nullptr) {
      if (mine.vfs->fails()) return SQLITE_IOERR_TRUNCATE;
      mine.vfs->content_of(*mine.path).unsynced.push_back({static_cast<std::uint64_t>(size), "", true});
    }
    return mine.system()->pMethods->xTruncate(mine.system(), size);
  }
  static int sync(sqlite3_file* file, int /*flags*/) {
    File& mine = self(file);
    if (mine.path == nullptr) return SQLITE_OK;
    if (mine.vfs->fails()) return SQLITE_IOERR_FSYNC;
    FaultyVfs::Content& content = mine.vfs->content_of(*mine.path);
    content = {true, read_all(*mine.path), {}};
    return SQLITE_OK;
  }

  // The rest is the system's.
  static int read(sqlite3_file* f, void* b, int n, sqlite3_int64 o) {
    return self(f).system()->pMethods->xRead(self(f).system(), b, n, o);
  }
  static int file_size(sqlite3_file* f, sqlite3_int64* n) {
    return self(f).system()->pMethods->xFileSize(self(f).system(), n);
  }
  static int lock(sqlite3_file* f, int l) { return self(f).system()->pMethods->xLock(self(f).system(), l); }
  static int unlock(sqlite3_file* f, int l) {
    return self(f).system()->pMethods->xUnlock(self(f).system(), l);
  }
  static int check_lock(sqlite3_file* f, int* l) {
    return self(f).system()->pMethods->xCheckReservedLock(self(f).system(), l);
  }
  static int control(sqlite3_file* f, int op, void* argument) {
    return self(f).system()->pMethods->xFileControl(self(f).system(), op, argument);
  }
  static int sector_size(sqlite3_file* f) {
    return self(f).system()->pMethods->xSectorSize(self(f).system());
  }
  static int characteristics(sqlite3_file*) { return 0; }
  static int shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** memory) {
    return self(f).system()->pMethods->xShmMap(self(f).system(), page, size, extend, memory);
  }
  static int shm_lock(sqlite3_file* f, int offset, int n, int flags) {
    return self(f).system()->pMethods->xShmLock(self(f).system(), offset, n, flags);
  }
  static void shm_barrier(sqlite3_file* f) { self(f).system()->pMethods->xShmBarrier(self(f).system()); }
  static int shm_unmap(sqlite3_file* f, int remove_it) {
    return self(f).system()->pMethods->xShmUnmap(self(f).system(), remove_it);
  }

  static const sqlite3_io_methods kMethods;
};

const sqlite3_io_methods FaultyVfsMethods::kMethods = {
    2,         close,      read,    write,       truncate,        sync,    file_size, lock,
    unlock,    check_lock, control, sector_size, characteristics, shm_map, shm_lock,  shm_barrier,
    shm_unmap, nullptr,    nullptr};

FaultyVfs::FaultyVfs(FaultyFiles& files) : files_(files), system_(sqlite3_vfs_find(nullptr)), vfs_(*system_) {
  vfs_.zName = name();
  vfs_.pNext = nullptr;
  vfs_.pAppData = this;
  vfs_.szOsFile = static_cast<int>(sizeof(FaultyVfsMethods::File)) + system_->szOsFile;
  vfs_.xOpen = FaultyVfsMethods::open;
  vfs_.xDelete = FaultyVfsMethods::remove;
  sqlite3_vfs_register(&vfs_, 0);
}

FaultyVfs::~FaultyVfs() {
  sqlite3_vfs_unregister(&vfs_);
}

FaultyVfs::Content& FaultyVfs::content_of(const std::string& path) {
  const auto [place, is_new] = contents_.try_emplace(path);
  // What is there when we first hear of it has been there for long.
  if (is_new && std::filesystem::exists(path)) place->second = {true, read_all(path), {}};
  return place->second;
}

void FaultyVfs::cut_power(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  for (auto& [path, content] : contents_) {
    std::error_code ignored;
    std::filesystem::remove(path.substr(0, path.rfind("-wal")) + "-shm", ignored);  // was memory
    if (!content.is_durable) {
      std::filesystem::remove(path, ignored);
      continue;
    }
    std::string bytes = std::move(content.synced);
    for (const Write& write : content.unsynced) {
      if (write.truncates) {
        if (random() % 2 == 0) bytes.resize(std::min<std::size_t>(bytes.size(), write.offset_bytes));
        continue;
      }
      for (std::size_t begin = 0; begin < write.bytes.size(); begin += kSectorBytes) {
        if (random() % 2 == 0) continue;
        put(bytes, write.offset_bytes + begin, write.bytes.data() + begin,
            std::min(kSectorBytes, write.bytes.size() - begin));
      }
    }
    std::ofstream(path, std::ios::binary | std::ios::trunc) << bytes;
  }
  contents_.clear();
}

}  // namespace vitrine::test

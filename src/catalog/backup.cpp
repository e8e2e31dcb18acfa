// SPDX-License-Identifier: MIT
// The part of Store that copies the committed state into a new folder.
//
// A reader's open transaction, or there being no other writer, keeps the state of the database while it is
// copied. Segments only grow, so their bytes up to the committed length are that state's too; they are taken
// from the maps made at opening, which stay whole even if a file goes away.
#include <memory>
#include <string>
#include <system_error>

#include "base/temporary_folder.h"
#include "catalog/checked_pages.h"
#include "catalog/store.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSearchIndexName = "search.vhix";

void copy_bytes(base::Files& files, std::span<const std::byte> bytes, const fs::path& to) {
  const auto copy = files.open(to, base::Files::Existence::kMayCreate);
  copy->write_at(0, bytes);
  copy->sync();
}

void copy_database(const Database& from, const fs::path& file, const char* vfs) {
  const Database to(file, Database::Access::kCreate, vfs);
  if (has_page_checksums(from.get())) begin_with_page_checksums(to.get());
  to.execute("PRAGMA synchronous = FULL");
  struct Finish {
    void operator()(sqlite3_backup* backup) const { sqlite3_backup_finish(backup); }
  };
  std::unique_ptr<sqlite3_backup, Finish> backup(sqlite3_backup_init(to.get(), "main", from.get(), "main"));
  if (!backup) throw_sqlite(to.get(), "copy the database to");
  constexpr int kAllPages = -1;
  const int result = sqlite3_backup_step(backup.get(), kAllPages);
  if (result == SQLITE_IOERR_DATA) throw_damaged_page(from.get());
  // Finishing tells the connection of the copy what went wrong.
  const int finished = sqlite3_backup_finish(backup.release());
  if (result != SQLITE_DONE || finished != SQLITE_OK) throw_sqlite(to.get(), "copy the database to");
}

}  // namespace

void Store::copy_files(const fs::path& folder) const {
  base::Files& files = *options_.files;
  files.make_folder(segment_path(folder, 1).parent_path());
  for (const auto& segment : segments_)
    copy_bytes(files, segment->committed_bytes(), segment_path(folder, segment->extent().number));
  files.sync_folder(segment_path(folder, 1).parent_path());
  if (facts_.has_model) copy_bytes(files, base::MappedFile(model_path()).bytes(), folder / kModelName);
  // It says itself which state it belongs to, and is replaced, never written to.
  std::error_code ignored;
  if (fs::exists(folder_ / kSearchIndexName, ignored))
    copy_bytes(files, base::MappedFile(folder_ / kSearchIndexName).bytes(), folder / kSearchIndexName);
  copy_database(*database_, folder / kDatabaseName, options_.vfs);
  files.open(folder / kDatabaseName, base::Files::Existence::kMustExist)->sync();
}

void Store::back_up(const fs::path& folder) const {
  if (is_writable() && database_->in_transaction()) {
    throw Error(ErrorCode::kInvalidArgument, "cannot back up the catalogue '" + folder_.string() +
                                                 "': it has changes that are not committed");
  }
  base::TemporaryFolder copy(folder, *options_.files);
  copy_files(copy.path());
  const std::vector<CatalogProblem> problems =
      Store(copy.path(), Catalog::Mode::kReadOnly, options_).verify();
  if (!problems.empty()) {
    const CatalogProblem& first = problems.front();
    throw Error(ErrorCode::kCorrupt, "cannot back up the catalogue '" + folder_.string() +
                                         "': the copy is not whole, in '" + first.file.filename().string() +
                                         "' at byte " + std::to_string(first.offset_bytes) + ": " +
                                         first.description + "; vitrine-admin verify tells what is damaged");
  }
  copy.commit();
}

}  // namespace vitrine::catalog

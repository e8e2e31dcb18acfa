// SPDX-License-Identifier: MIT
#include "catalog/creation.h"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <system_error>
#include <vector>

#include "base/system_error.h"
#include "catalog/checked_pages.h"
#include "catalog/model_copy.h"
#include "catalog/schema.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

namespace fs = std::filesystem;

constexpr const char* kUnfinishedName = "catalog.sqlite.new";
constexpr const char* kSegmentsName = "segments";

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> entries;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    entries.push_back(it->path());
  }
  if (error) base::throw_errno("read the folder", folder, error.value());
  return entries;
}

// What an interrupted creation can leave. It makes the lock file first: a folder without it is somebody
// else's.
bool is_unfinished(const fs::path& folder, const std::vector<fs::path>& entries) {
  const std::string unfinished = kUnfinishedName;
  const std::array<fs::path, 6> known = {kLockName,  kSegmentsName,           kModelName,
                                         unfinished, unfinished + "-journal", unfinished + "-wal"};
  std::error_code ignored;
  const auto is_known = [&](const fs::path& entry) {
    if (entry.filename() == kSegmentsName && !entries_of(entry).empty()) return false;
    return std::find(known.begin(), known.end(), entry.filename()) != known.end();
  };
  return fs::exists(folder / kLockName, ignored) && std::all_of(entries.begin(), entries.end(), is_known);
}

void prepare_folder(base::Files& files, const fs::path& folder) {
  files.make_folder(folder);
  const std::vector<fs::path> entries = entries_of(folder);
  if (entries.empty()) return;
  std::error_code ignored;
  if (fs::exists(folder / kDatabaseName, ignored)) {
    throw Error(ErrorCode::kAlreadyExists, "cannot make a catalogue in '" + folder.string() +
                                               "': there is one already; open it, or choose another folder");
  }
  if (!is_unfinished(folder, entries)) {
    throw Error(ErrorCode::kAlreadyExists, "cannot make a catalogue in '" + folder.string() +
                                               "': the folder is not empty; choose another one");
  }
}

void clean_unfinished(base::Files& files, const fs::path& folder) {
  const fs::path database = folder / kUnfinishedName;
  for (const char* suffix : {"", "-journal", "-wal"}) files.remove(fs::path(database.string() + suffix));
  files.remove(folder / kModelName);
}

CatalogId draw_id() {
  std::random_device device;
  CatalogId id{};
  for (std::byte& byte : id) byte = static_cast<std::byte>(device());
  return id;
}

void build_database(const fs::path& file, const Facts& facts, const char* vfs) {
  const Database database(file, Database::Access::kCreate, vfs);
  // A new price or hash of any item writes a page of its own to the log and one to the database: half of
  // SQLite's usual 4 KB write half as much. Smaller ones did not make adding items faster
  // (docs/benchmarks.md).
  database.execute("PRAGMA page_size = 2048");
  begin_with_page_checksums(database.get());
  database.execute("PRAGMA synchronous = FULL; BEGIN");
  create_schema(database, facts);
  database.execute("COMMIT");
  // Kept in the file's header; closing the only connection folds the log in and removes it.
  database.execute("PRAGMA journal_mode = WAL");
}

}  // namespace

std::unique_ptr<WriterLock> create_files(base::Files& files, const fs::path& folder,
                                         const CatalogIdentity& identity, const fs::path& model,
                                         const char* vfs) {
  validate(identity);
  std::error_code ignored;
  if (!model.empty() && !fs::is_regular_file(model, ignored)) {
    throw Error(ErrorCode::kNotFound, "cannot read the model '" + model.string() + "': no such file");
  }
  prepare_folder(files, folder);
  auto lock = std::make_unique<WriterLock>(folder);
  // Another process may have finished between the look and the lock.
  prepare_folder(files, folder);
  clean_unfinished(files, folder);

  Facts facts;
  facts.identity = identity;
  facts.catalog_id = draw_id();
  files.make_folder(folder / kSegmentsName);
  if (!model.empty()) copy_model(files, model, folder / kModelName, facts);
  const fs::path unfinished = folder / kUnfinishedName;
  build_database(unfinished, facts, vfs);
  files.open(unfinished, base::Files::Existence::kMustExist)->sync();
  // Everything else must be there before the name that makes the folder a catalogue.
  files.sync_folder(folder);
  files.rename(unfinished, folder / kDatabaseName);
  files.sync_folder(folder);
  files.sync_folder(folder / "..");
  return lock;
}

}  // namespace vitrine::catalog

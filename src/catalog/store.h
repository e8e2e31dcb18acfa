// SPDX-License-Identifier: MIT
#pragma once
/// What Catalog does, with the parts that tests replace: how files are written and when a new segment begins.
///
/// A batch of changes is one SQLite transaction, open from the first change to commit() or rollback(), plus
/// the new rows' codes and features in memory. commit() appends these as one section, syncs it, and only then
/// commits the transaction, which holds the segment's new length: SQLite's commit decides about both.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "catalog/categories.h"
#include "catalog/commit_log.h"
#include "catalog/database.h"
#include "catalog/field_names.h"
#include "catalog/item_table.h"
#include "catalog/pending_rows.h"
#include "catalog/schema.h"
#include "catalog/segment.h"
#include "catalog/state_watch.h"
#include "catalog/version_table.h"
#include "catalog/write_ahead_log.h"
#include "catalog/writer_lock.h"
#include "vitrine/catalog.h"
#include "vitrine/error.h"

namespace vitrine::catalog {

struct StoreOptions {
  base::Files* files = &base::system_files();
  /// A segment that has reached this length gets no further section.
  std::uint64_t segment_limit_bytes = std::uint64_t{1} << 30;
  /// From this length on, SQLite's log is begun anew.
  std::uint64_t max_log_bytes = std::uint64_t{64} << 20;
  /// Name of the layer through which SQLite uses files; null: the system's.
  const char* vfs = nullptr;
};

class Store {
 public:
  static std::unique_ptr<Store> create(const std::filesystem::path& folder, const CatalogIdentity& identity,
                                       const std::filesystem::path& model, const StoreOptions& options = {});
  Store(const std::filesystem::path& folder, Catalog::Mode mode, const StoreOptions& options = {},
        std::unique_ptr<WriterLock> lock = nullptr);
  ~Store();

  ItemId upsert(const Item& item, std::span<const std::byte> code, std::span<const Half> feature);
  ItemId upsert_sharing(const Item& item, ItemId source);
  void update_metadata(ItemId id, const Item& item);
  bool remove(ItemId id);
  void set_blob(std::string_view name, std::span<const std::byte> bytes);
  void set_version(const ItemKey& key, std::int64_t version);
  void commit();
  void rollback();
  /// Writes the live rows into new segments, drops the old ones and the database's free pages.
  void compact();

  /// For an object opened for reading: whether nothing was committed since, and the newest state as another
  /// object, which shares what both have in common.
  bool is_newest() const;
  bool holds_log() const;
  /// Whether another catalogue has taken this one's place in the file system.
  bool is_replaced() const { return database_->has_moved(); }
  /// Of a writer: copies all of SQLite's log into the database and cuts it off; false if a reader does not
  /// allow that now.
  bool empty_log() const { return database_->empty_log(); }
  std::unique_ptr<Store> newest() const;
  std::optional<CatalogChanges> changes_since(std::uint64_t state) const;

  const Facts& facts() const { return facts_; }
  std::uint64_t state() const { return state_; }
  bool is_writable() const { return lock_ != nullptr; }
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path model_path() const;
  const ItemTable& items() const { return *items_; }
  const std::vector<std::string>& category_names() const { return categories_->names(); }
  void for_each_row(const std::function<void(const Catalog::Row&)>& visit, ItemId first = 0) const;
  std::optional<Catalog::Row> row_of(ItemId id) const;
  std::optional<Segment::Row> committed_row(const RowAddress& address) const;
  const Half* committed_feature(const RowAddress& address) const;
  void check_feature(const RowAddress& address) const;
  std::optional<std::vector<std::byte>> blob(std::string_view name) const;
  const VersionTable& versions() const { return *versions_; }
  std::vector<ItemId> select(std::string_view where) const;
  std::vector<std::string> quality_columns() const;
  CatalogStats stats() const;
  bool is_worth_compacting() const;
  std::vector<CatalogProblem> verify() const;
  void back_up(const std::filesystem::path& folder) const;

 private:
  struct Checked;
  /// A section that lies in its file, synced, but is not committed yet.
  struct Append {
    SegmentExtent extent;
    base::MappedFile longer_map;
    std::shared_ptr<Segment> new_segment;
  };
  /// Where the last row was found; the next one is often beside it.
  struct Hint {
    const Segment* segment = nullptr;
    std::size_t section = 0;
  };
  explicit Store(const Store& earlier);
  void open_for_reading();
  void open_for_writing();
  void read_newest(const Store* earlier);
  void read_content(const Store* earlier);
  std::shared_ptr<Segment> open_segment(const SegmentExtent& extent, const Store* earlier) const;
  void open_segments(const Store* earlier);
  void trim_behind_commit();
  void upgrade();

  Checked check(const Item& item) const;
  void require_writable() const;
  void begin();
  void touch(const ItemKey& key);
  template <typename Change>
  auto apply(Change change);
  std::uint32_t choose_segment() const;
  std::uint64_t write_pending();
  Append prepare_append();
  void undo_write() noexcept;
  void discard() noexcept;
  static Error discarded(const Error& cause);
  void copy_files(const std::filesystem::path& folder) const;
  void verify_items(std::vector<CatalogProblem>& problems) const;

  bool target_exists() const;
  std::optional<Segment::Row> row(const Place& place, Hint& hint) const;
  const Segment* segment(std::uint32_t number) const;
  Catalog::Row catalog_row(const ItemPlace& item, Hint& hint) const;
  std::filesystem::path database_file() const { return folder_ / kDatabaseName; }
  /// Null if there is none.
  const std::shared_ptr<Segment>* find_segment(std::uint32_t number) const;
  std::shared_ptr<Segment> shared_segment(std::uint32_t number) const;
  std::vector<ItemPlace> live_items() const;
  void store_extent(const SegmentExtent& extent) const;
  void store_moves(std::vector<ItemPlace> moved, const std::vector<SegmentExtent>& extents) const;
  void drop_segments(std::vector<std::shared_ptr<Segment>> old) noexcept;
  void shrink_database() const;
  std::uint64_t num_committed_rows(std::uint32_t number) const;

  std::filesystem::path folder_;
  StoreOptions options_;
  std::unique_ptr<WriterLock> lock_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<LogLimit> log_limit_;  ///< of a writer
  bool reads_log_ = false;               ///< of a reader
  Facts facts_;
  std::uint64_t state_ = 0;    ///< of the last commit
  bool is_immutable_ = false;  ///< nobody can write the database
  std::unique_ptr<Categories> categories_;
  std::unique_ptr<FieldNames> fields_;
  std::unique_ptr<ItemTable> items_;
  std::unique_ptr<CommitLog> log_;
  std::unique_ptr<VersionTable> versions_;
  /// Ascending by number, which need not be dense. Readers of several states share those that did not change.
  std::vector<std::shared_ptr<Segment>> segments_;
  /// Of a reader, made when first needed.
  mutable std::mutex watch_mutex_;
  mutable std::shared_ptr<StateWatch> watch_;
  PendingRows pending_{RowShape{}};
  /// Where the batch's section goes: behind the last segment, or into a new file of this number.
  std::uint32_t target_segment_ = 1;
  /// Segments below this number get no further section from this object; see commit().
  std::uint32_t first_open_segment_ = 1;
};

// SQLite may have rolled back the whole transaction when a statement failed, so a batch ends with its first
// failure.
template <typename Change>
auto Store::apply(Change change) {
  begin();
  try {
    return change();
  } catch (const Error& error) {
    discard();
    throw discarded(error);
  } catch (...) {
    discard();
    throw;
  }
}

}  // namespace vitrine::catalog

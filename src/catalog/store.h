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
#include <optional>
#include <string_view>
#include <vector>

#include "base/files.h"
#include "catalog/categories.h"
#include "catalog/database.h"
#include "catalog/field_names.h"
#include "catalog/item_table.h"
#include "catalog/pending_rows.h"
#include "catalog/schema.h"
#include "catalog/segment.h"
#include "catalog/writer_lock.h"
#include "vitrine/catalog.h"

namespace vitrine::catalog {

struct StoreOptions {
  base::Files* files = &base::system_files();
  /// A segment that has reached this length gets no further section.
  std::uint64_t segment_limit_bytes = std::uint64_t{1} << 30;
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
  void commit();
  void rollback();

  const Facts& facts() const { return facts_; }
  std::uint64_t state() const { return state_; }
  bool is_writable() const { return lock_ != nullptr; }
  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path model_path() const;
  const ItemTable& items() const { return *items_; }
  const std::vector<std::string>& category_names() const { return categories_->names(); }
  void for_each_row(const std::function<void(const Catalog::Row&)>& visit) const;
  const Half* feature(const RowAddress& address) const;
  std::optional<std::vector<std::byte>> blob(std::string_view name) const;
  std::vector<ItemId> select(std::string_view where) const;
  std::vector<std::string> quality_columns() const;
  CatalogStats stats() const;
  std::vector<CatalogProblem> verify() const;

 private:
  struct Checked;
  /// A section that lies in its file, synced, but is not committed yet.
  struct Append {
    SegmentExtent extent;
    base::MappedFile longer_map;
    std::optional<Segment> new_segment;
  };
  /// Where the last row was found; the next one is often beside it.
  struct Hint {
    const Segment* segment = nullptr;
    std::size_t section = 0;
  };
  void open_for_reading(const std::filesystem::path& file);
  void open_for_writing(const std::filesystem::path& file);
  void open_segments();
  void trim_behind_commit();
  void upgrade();

  Checked check(const Item& item) const;
  void require_writable() const;
  void begin();
  template <typename Change>
  auto apply(Change change);
  std::uint32_t choose_segment() const;
  std::uint64_t write_pending();
  Append prepare_append();
  void undo_write() noexcept;
  void discard() noexcept;
  void verify_items(std::vector<CatalogProblem>& problems) const;

  bool target_exists() const;
  std::optional<Segment::Row> row(const Place& place, Hint& hint) const;
  const Segment* segment(std::uint32_t number) const;
  std::uint64_t num_committed_rows(std::uint32_t number) const;

  std::filesystem::path folder_;
  StoreOptions options_;
  std::unique_ptr<WriterLock> lock_;
  std::unique_ptr<Database> database_;
  Facts facts_;
  std::uint64_t state_ = 0;  ///< of the last commit
  std::unique_ptr<Categories> categories_;
  std::unique_ptr<FieldNames> fields_;
  std::unique_ptr<ItemTable> items_;
  /// Ascending by number, which need not be dense.
  std::vector<Segment> segments_;
  PendingRows pending_{RowShape{}};
  /// Where the batch's section goes: behind the last segment, or into a new file of this number.
  std::uint32_t target_segment_ = 1;
  /// Segments below this number get no further section from this object; see commit().
  std::uint32_t first_open_segment_ = 1;
};

}  // namespace vitrine::catalog

// SPDX-License-Identifier: MIT
#pragma once
/// The durable store of items: a folder with an SQLite file (items, metadata, the commit point), append-only
/// segment files (codes and features) and a copy of the model that made them. docs/format.md describes every
/// byte.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "vitrine/item.h"
#include "vitrine/rerank.h"

namespace vitrine {

/// Where the code and the feature of an item are stored, until the catalogue is compacted.
struct RowAddress {
  std::uint32_t segment = 0;
  std::uint64_t row = 0;
  friend bool operator==(const RowAddress&, const RowAddress&) = default;
};

/// What fixes the content of a catalogue; stored in it and compared on opening.
struct CatalogIdentity {
  std::string model_fingerprint;
  std::string model_name;
  std::size_t code_bits = 512;
  std::size_t feature_dim = 512;
};

/// The fields that decide whether a file must be read again.
struct FileState {
  ItemId id = 0;
  std::string path;
  std::int64_t file_size_bytes = 0;
  std::int64_t modified_ns = 0;
};

struct CatalogStats {
  std::uint64_t num_items = 0;
  std::uint64_t num_rows = 0;  ///< rows in segments, dead ones included
  std::uint64_t num_segments = 0;
  std::uint64_t disk_bytes = 0;
  std::vector<std::pair<std::string, std::uint64_t>>
      categories;  ///< name, number of items; by descending number
};

/// What differs between two states of a catalogue, as far as a search index is concerned.
struct CatalogChanges {
  /// Items of the earlier state that are gone, or in another category. May name others as well; ascending.
  /// Items whose ids are larger than all of the earlier state are new and not named.
  std::vector<ItemId> touched;
};

/// Findings of `Catalog::verify`.
struct CatalogProblem {
  std::filesystem::path file;
  std::uint64_t offset_bytes = 0;
  std::string description;
};

/// A catalogue on disk.
///
/// Thread-safety: const calls may run concurrently with each other; calls that change it need exclusive
/// access to this object. One process at a time can have it open for writing (others get ErrorCode::kResource
/// naming the holder); any number may read it meanwhile and see the state of their opening, until they ask
/// for `newest`. Errors: kCorrupt with file and offset for damaged files, kUnsupported for a newer format
/// version, kIo and kResource (disk full) from the operating system. A failed commit leaves the catalogue as
/// it was.
class Catalog {
 public:
  enum class Mode { kReadOnly, kReadWrite };

  /// Makes a new catalogue in a folder that must not exist or be empty, copying `model` into it (unless the
  /// path is empty). ErrorCode::kAlreadyExists if the folder holds anything.
  static Catalog create(const std::filesystem::path& folder, const CatalogIdentity& identity,
                        const std::filesystem::path& model = {});

  /// Opens an existing catalogue; kNotFound if there is none. Read-write opening trims what an interrupted
  /// writer left behind the last commit.
  static Catalog open(const std::filesystem::path& folder, Mode mode = Mode::kReadOnly);

  Catalog(Catalog&&) noexcept;
  Catalog& operator=(Catalog&&) noexcept;
  ~Catalog();

  // --- Changes: collected in memory, applied together by commit()
  // -------------------------------------------------

  /// Adds the item or replaces the one of the same key, with a new code and feature. Returns the new item's
  /// id (a replaced item's id is retired).
  ItemId upsert(const Item& item, std::span<const std::byte> code, std::span<const Half> feature);

  /// As above, sharing the stored code and feature of an existing item (same content under another name).
  ItemId upsert_sharing(const Item& item, ItemId source);

  /// Changes path and metadata of an item without touching code and feature; the key must stay.
  void update_metadata(ItemId id, const Item& item);

  bool remove(ItemId id);

  /// Keeps bytes of the caller's under a name of 1 to 100 bytes, in place of those it had; no bytes remove
  /// them. For a few megabytes at most: a binarizer, what was calibrated.
  void set_blob(std::string_view name, std::span<const std::byte> bytes);

  /// Remembers the number of the last change to a key, whether or not the catalogue has such an item, so that
  /// a change that arrives late or again can be told. It outlives the item: that an item was removed is known
  /// as long as the catalogue lives.
  void set_version(const ItemKey& key, std::int64_t version);

  /// Makes all changes since the last commit durable, or none: segment bytes are synced before SQLite
  /// commits.
  void commit();
  /// Forgets the changes since the last commit.
  void rollback();

  /// Gives the space of dead rows and free pages back: writes the live rows into new segments, which one
  /// commit puts in the place of all others, and makes the database smaller. Ids stay, addresses of rows do
  /// not. Needs the space of the live rows once more while it runs. Readers go on with what they have. Not
  /// with changes that are not committed. Errors: kCorrupt for damaged rows, kResource (disk full), kIo; the
  /// catalogue is then as it was, or compacted but for the database, as the message says.
  void compact();
  /// Whether more than half of the rows are dead, so that `compact` gives back more than it has to write.
  bool is_worth_compacting() const;

  // --- Following a writer: for objects open for reading ----------------------------------------------------

  /// Whether nothing was committed since this state. Some microseconds.
  bool is_newest() const;
  /// Whether the writer could give the space of its log back if it were not for this object: `newest` then
  /// gives one of the same state that does not need the log. Some microseconds. A log that readers hold for
  /// long grows by all that is written.
  bool holds_log() const;
  /// Whether another catalogue has taken this one's place in the file system, as after `switch_to_standby`
  /// (standby.h): `newest` then fails, and what `open` gives is not a later state of this one.
  bool is_replaced() const;
  /// The newest state, as another object; this one stays as it is. Shares the mapped files of both states, so
  /// it costs about a millisecond. kInvalidArgument for an object open for writing.
  Catalog newest() const;
  /// What changed between an earlier state of this catalogue and this object's; nothing if that is not known
  /// any more, because it is too long ago or too much has changed.
  std::optional<CatalogChanges> changes_since(std::uint64_t state) const;

  // --- Questions: answer from the committed state and, for the writer, its own pending changes
  // --------------------

  const CatalogIdentity& identity() const;
  /// Random bytes that tell this catalogue from all others; copies of the folder have the same.
  std::span<const std::byte> catalog_id() const;
  /// A number drawn at each commit: while it stays the same, so does everything committed. 0 for a
  /// catalogue of format version 1.0, opened for reading.
  std::uint64_t state() const;
  const std::filesystem::path& folder() const;
  Mode mode() const;
  /// The copy of the model made at creation; empty if there is none.
  std::filesystem::path model_path() const;

  std::optional<Item> item(ItemId id) const;
  /// What `set_blob` kept; nothing if there is none of that name.
  std::optional<std::vector<std::byte>> blob(std::string_view name) const;
  std::optional<ItemId> find(const ItemKey& key) const;
  /// What `set_version` remembered of a key; nothing if it never did.
  std::optional<std::int64_t> version(const ItemKey& key) const;
  /// Calls `visit` for every key that has one.
  void for_each_version(const std::function<void(const ItemKey& key, std::int64_t version)>& visit) const;
  std::optional<ItemId> find_by_hash(const ContentHash& hash) const;
  /// The id of the newest item, 0 if there is none. Some microseconds.
  ItemId largest_id() const;
  /// All pictures of a product, ascending; empty if there is none.
  std::vector<ItemId> items_of(std::string_view product) const;

  /// Calls `visit` for every item, in ascending id order, with the fields an incremental run compares.
  void for_each_file(const std::function<void(const FileState&)>& visit) const;

  /// One live row as the index needs it. Spans stay valid until the next commit.
  struct Row {
    ItemId id;
    std::span<const std::byte> code;
    const Half* feature;           ///< `[feature_dim]`
    std::uint32_t category_index;  ///< into `category_names()`
    RowAddress address;
  };
  /// Calls `visit` for every live row whose id is not below `first`, in ascending id order. Errors: kCorrupt,
  /// also for codes that do not match their checksum.
  void for_each_row(const std::function<void(const Row&)>& visit, ItemId first = 0) const;
  std::optional<Row> row(ItemId id) const;
  /// The committed feature at an address, `[feature_dim]`, valid until the next commit; null if there is
  /// none.
  const Half* feature(const RowAddress& address) const;
  /// Compares that feature with its check, which costs some 60 ns once the feature is in a cache. Features
  /// written before there were checks (docs/format.md) pass, as does an address without a row. Errors:
  /// kCorrupt, with file and offset.
  void check_feature(const RowAddress& address) const;
  /// The committed code at an address, likewise; empty if there is none.
  std::span<const std::byte> code(const RowAddress& address) const;
  const std::vector<std::string>& category_names() const;

  /// Names of all quality columns that items ever had, sorted.
  std::vector<std::string> quality_columns() const;

  /// Ids of the items for which an SQL expression holds, ascending. The expression may use product, picture,
  /// path, category, width, height, every quality column and every top-level key of the attributes by name,
  /// and SQLite's operators and functions. ErrorCode::kInvalidArgument, with the position, if it is not a
  /// single valid expression; it can read nothing but these columns and change nothing.
  std::vector<ItemId> select(std::string_view where) const;

  CatalogStats stats() const;

  /// Copies the committed state that this object sees into a new folder, whatever a writer commits meanwhile.
  /// The copy is made beside `folder`, verified, and only then given its name; nothing is left of one that
  /// fails. Not for an object with changes that are not committed. Errors: kAlreadyExists if there is
  /// anything at `folder`, kCorrupt if the catalogue is damaged, kIo, kResource (disk full).
  void back_up(const std::filesystem::path& folder) const;

  /// Reads every byte and reports what does not match its checksum or refers to nothing.
  std::vector<CatalogProblem> verify() const;

 private:
  struct Impl;
  explicit Catalog(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace vitrine

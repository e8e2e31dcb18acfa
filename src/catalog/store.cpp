// SPDX-License-Identifier: MIT
#include "catalog/store.h"

#include <algorithm>
#include <set>
#include <string>
#include <system_error>
#include <utility>

#include "catalog/attributes.h"
#include "catalog/creation.h"
#include "catalog/selection.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDiscarded =
    "; the changes since the last commit were discarded, the catalogue is as it was then: remove the cause "
    "and make "
    "them again";
constexpr std::size_t kMaxBlobNameBytes = 100;
constexpr std::int64_t kMaxSegments = 999'999;

bool has_content(const fs::path& file) {
  std::error_code error;
  const auto size_bytes = fs::file_size(file, error);
  return !error && size_bytes > 0;
}

void check_there_is_one(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / kDatabaseName, error)) return;
  throw Error(ErrorCode::kNotFound, "no catalogue at '" + folder.string() + "'; make one with vitrine-index");
}

// Reading in a transaction that stays open keeps this state, whatever a writer commits meanwhile.
std::unique_ptr<Database> open_snapshot(const fs::path& file, Database::Access access, const char* vfs) {
  while (true) {
    auto database = std::make_unique<Database>(file, access, vfs);
    check_database_header(*database, Purpose::kRead);
    database->execute("BEGIN; SELECT count(*) FROM meta");
    // Another catalogue may take this one's place between opening the database and opening its log.
    if (!database->has_moved()) return database;
  }
}

}  // namespace

std::unique_ptr<Store> Store::create(const fs::path& folder, const CatalogIdentity& identity,
                                     const fs::path& model, const StoreOptions& options) {
  std::unique_ptr<WriterLock> lock = create_files(*options.files, folder, identity, model, options.vfs);
  return std::make_unique<Store>(folder, Catalog::Mode::kReadWrite, options, std::move(lock));
}

Store::Store(const fs::path& folder, Catalog::Mode mode, const StoreOptions& options,
             std::unique_ptr<WriterLock> lock)
    : folder_(folder), options_(options), lock_(std::move(lock)) {
  check_there_is_one(folder_);
  if (mode == Catalog::Mode::kReadOnly) {
    read_newest(nullptr);
    return;
  }
  open_for_writing();
  read_content(nullptr);
  trim_behind_commit();
  if (state_ == 0 || is_older_version(*database_)) upgrade();
  versions_ = std::make_unique<VersionTable>(*database_, /*read_only=*/false);
}

Store::~Store() {
  if (lock_ && database_) discard();
}

// SQLite needs its two log files beside the database, or the right to make them, unless it is told that
// nobody can write. A writer leaves them in place, so they are only missing where a bare copy lies on a
// medium for reading.
void Store::open_for_reading() {
  const fs::path file = database_file();
  try {
    database_ = open_snapshot(file, Database::Access::kReadOnly, options_.vfs);
    reads_log_ = !is_log_copied(*database_);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kIo) throw;
    if (has_content(file.string() + "-wal")) {
      throw Error(ErrorCode::kIo,
                  std::string(error.what()) + "; '" + file.string() +
                      "-wal' holds changes that must be folded in: open the catalogue once for "
                      "writing, in a place where its folder can be written");
    }
    database_ = open_snapshot(file, Database::Access::kImmutable, options_.vfs);
    is_immutable_ = true;
  }
}

void Store::open_for_writing() {
  if (!lock_) lock_ = std::make_unique<WriterLock>(folder_);
  database_ = std::make_unique<Database>(database_file(), Database::Access::kReadWrite, options_.vfs);
  check_database_header(*database_, Purpose::kWrite);
  int persist = 1;
  sqlite3_file_control(database_->get(), "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
  database_->execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; "
      "PRAGMA journal_size_limit = 67108864");
  log_limit_ = std::make_unique<LogLimit>(*database_, options_.max_log_bytes);
}

void Store::read_content(const Store* earlier) {
  facts_ = read_facts(*database_);
  state_ = read_state(*database_);
  pending_ = PendingRows(facts_.shape());
  categories_ = std::make_unique<Categories>(*database_);
  fields_ = std::make_unique<FieldNames>(*database_);
  items_ = std::make_unique<ItemTable>(*database_, !is_writable());
  log_ = std::make_unique<CommitLog>(*database_);
  // A writer may have to make the table first.
  if (!is_writable()) versions_ = std::make_unique<VersionTable>(*database_, /*read_only=*/true);
  open_segments(earlier);
}

void Store::open_segments(const Store* earlier) {
  Statement statement =
      database_->prepare("SELECT number, length_bytes, num_rows FROM segments ORDER BY number");
  while (statement.step()) {
    const std::int64_t number = statement.integer(0);
    if (number < 1 || number > kMaxSegments || statement.integer(1) < 0 || statement.integer(2) < 0) {
      throw Error(ErrorCode::kCorrupt, "'" + database_file().string() + "' is damaged: impossible segment " +
                                           std::to_string(number));
    }
    const SegmentExtent extent{static_cast<std::uint32_t>(number),
                               static_cast<std::uint64_t>(statement.integer(1)),
                               static_cast<std::uint64_t>(statement.integer(2))};
    segments_.push_back(open_segment(extent, earlier));
  }
}

// A new catalogue gets its first state, an older one the tables that it lacks.
void Store::upgrade() {
  apply([&] { upgrade_schema(*database_); });
  commit();
}

// Removes what a writer left behind its last commit when it died.
void Store::trim_behind_commit() {
  for (const auto& segment : segments_) {
    if (segment->file_length_bytes() == segment->extent().length_bytes) continue;
    const auto file = options_.files->open(segment->file(), base::Files::Existence::kMustExist);
    file->truncate(segment->extent().length_bytes);
  }
  std::error_code error;
  for (fs::directory_iterator it(folder_ / "segments", error), end; !error && it != end;
       it.increment(error)) {
    const bool known = std::any_of(segments_.begin(), segments_.end(), [&](const auto& segment) {
      return segment->file().filename() == it->path().filename();
    });
    if (!known && it->path().extension() == ".vseg") options_.files->remove(it->path());
  }
}

struct Store::Checked {
  std::vector<FieldName> attributes;
  std::vector<FieldName> quality;
  std::string quality_json;
};

Store::Checked Store::check(const Item& item) const {
  require_writable();
  return {check_attributes(item.attributes_json), quality_fields(item.quality),
          quality_to_json(item.quality)};
}

void Store::require_writable() const {
  if (lock_) return;
  throw Error(ErrorCode::kInvalidArgument,
              "cannot change the catalogue '" + folder_.string() + "': it was opened for reading only");
}

void Store::begin() {
  if (database_->in_transaction()) return;
  database_->execute("BEGIN IMMEDIATE");
  target_segment_ = choose_segment();
}

std::uint32_t Store::choose_segment() const {
  if (segments_.empty()) return first_open_segment_;
  const SegmentExtent& last = segments_.back()->extent();
  const bool open = last.number >= first_open_segment_ && last.length_bytes < options_.segment_limit_bytes;
  return open ? last.number : std::max(last.number + 1, first_open_segment_);
}

Error Store::discarded(const Error& cause) {
  return {cause.code(), std::string(cause.what()) + kDiscarded};
}

// An item of this key is about to be replaced.
void Store::touch(const ItemKey& key) {
  if (const std::optional<ItemId> replaced = items_->find(key)) log_->touch(*replaced);
}

ItemId Store::upsert(const Item& item, std::span<const std::byte> code, std::span<const Half> feature) {
  const Checked checked = check(item);
  if (code.size() != facts_.shape().code_bytes() || feature.size() != facts_.shape().feature_dim) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot store the item: a code of " + std::to_string(code.size()) +
                    " bytes and a feature of " + std::to_string(feature.size()) +
                    " numbers, the catalogue holds codes of " + std::to_string(facts_.shape().code_bytes()) +
                    " bytes and features of " + std::to_string(facts_.shape().feature_dim) + " numbers");
  }
  return apply([&] {
    fields_->add(FieldKind::kAttribute, checked.attributes);
    fields_->add(FieldKind::kQuality, checked.quality);
    const Place place{target_segment_, num_committed_rows(target_segment_) + pending_.size()};
    touch(item.key);
    const ItemId id = items_->insert(item, categories_->index_of(item.category), checked.quality_json, place);
    pending_.add(id, code, feature);
    return id;
  });
}

ItemId Store::upsert_sharing(const Item& item, ItemId source) {
  const Checked checked = check(item);
  const std::optional<ItemPlace> place = items_->place(source);
  if (!place) {
    throw Error(ErrorCode::kNotFound, "cannot share the code of item " + std::to_string(source) +
                                          ": the catalogue has no such item");
  }
  return apply([&] {
    fields_->add(FieldKind::kAttribute, checked.attributes);
    fields_->add(FieldKind::kQuality, checked.quality);
    touch(item.key);
    return items_->insert(item, categories_->index_of(item.category), checked.quality_json, place->place);
  });
}

void Store::update_metadata(ItemId id, const Item& item) {
  const Checked checked = check(item);
  const std::optional<Item> known = items_->item(id);
  if (!known) {
    throw Error(ErrorCode::kNotFound,
                "cannot update item " + std::to_string(id) + ": the catalogue has no such item");
  }
  if (known->key != item.key) {
    throw Error(ErrorCode::kInvalidArgument, "cannot update item " + std::to_string(id) + ": its key is '" +
                                                 known->key.product + "' / '" + known->key.picture +
                                                 "' and cannot become '" + item.key.product + "' / '" +
                                                 item.key.picture + "'; remove the item and add it anew");
  }
  apply([&] {
    fields_->add(FieldKind::kAttribute, checked.attributes);
    fields_->add(FieldKind::kQuality, checked.quality);
    if (known->category != item.category) log_->touch(id);
    items_->update(id, item, categories_->index_of(item.category), checked.quality_json);
  });
}

bool Store::remove(ItemId id) {
  require_writable();
  if (!items_->place(id)) return false;
  return apply([&] {
    log_->touch(id);
    return items_->remove(id);
  });
}

void Store::set_blob(std::string_view name, std::span<const std::byte> bytes) {
  require_writable();
  if (name.empty() || name.size() > kMaxBlobNameBytes || !is_text(name)) {
    throw Error(ErrorCode::kInvalidArgument, "cannot keep bytes in the catalogue '" + folder_.string() +
                                                 "': their name must be UTF-8 of 1 to 100 bytes");
  }
  apply([&] { write_blob(*database_, name, bytes); });
}

void Store::set_version(const ItemKey& key, std::int64_t version) {
  require_writable();
  apply([&] { versions_->set(key, version); });
}

std::optional<std::vector<std::byte>> Store::blob(std::string_view name) const {
  return read_blob(*database_, name);
}

// Appends the pending rows to the target segment, durably but not yet committed. Returns the new length.
std::uint64_t Store::write_pending() {
  const fs::path path = segment_path(folder_, target_segment_);
  const Segment* known = segment(target_segment_);
  const auto file = options_.files->open(
      path, known ? base::Files::Existence::kMustExist : base::Files::Existence::kMayCreate);
  std::uint64_t offset = kFileHeaderBytes;
  if (known) {
    offset = known->extent().length_bytes;
  } else {
    file->truncate(0);
    file->write_at(0, encode(facts_.segment_header(target_segment_)));
  }
  offset += pending_.write_section(*file, offset, num_committed_rows(target_segment_));
  file->sync();
  if (!known) options_.files->sync_folder(path.parent_path());
  return offset;
}

// Gives the space back. Where that fails too, readers ignore the bytes and the next opening for writing trims
// them.
void Store::undo_write() noexcept {
  try {
    const fs::path path = segment_path(folder_, target_segment_);
    if (const Segment* known = segment(target_segment_)) {
      options_.files->open(path, base::Files::Existence::kMustExist)->truncate(known->extent().length_bytes);
    } else {
      options_.files->remove(path);
    }
  } catch (const std::exception&) {
  }
}

void Store::store_extent(const SegmentExtent& extent) const {
  database_->prepare("INSERT OR REPLACE INTO segments VALUES(?, ?, ?)")
      .bind(1, extent.number)
      .bind(2, static_cast<std::int64_t>(extent.length_bytes))
      .bind(3, static_cast<std::int64_t>(extent.num_rows))
      .run();
}

// Everything that can fail comes before SQLite's commit: afterwards the caller must hear "done".
Store::Append Store::prepare_append() {
  Append append;
  append.extent = {target_segment_, 0, num_committed_rows(target_segment_) + pending_.size()};
  try {
    append.extent.length_bytes = write_pending();
    store_extent(append.extent);
    if (target_exists()) {
      append.longer_map = segments_.back()->map_again();
    } else {
      append.new_segment = open_segment(append.extent, nullptr);
      segments_.reserve(segments_.size() + 1);
    }
  } catch (...) {
    undo_write();
    throw;
  }
  return append;
}

void Store::commit() {
  require_writable();
  if (!database_->in_transaction()) return;
  std::optional<Append> append;
  std::uint64_t state = 0;
  apply([&] {
    state = renew_state(*database_);
    log_->write(state);
    if (pending_.size() > 0) append = prepare_append();
    try {
      database_->execute("COMMIT");
    } catch (...) {
      // The commit may have reached the disk although it is reported as failed, and a crash before SQLite
      // overwrites it would bring it back: leave the bytes it refers to alone and go on in another segment.
      first_open_segment_ = target_segment_ + 1;
      throw;
    }
  });
  if (append && append->new_segment) {
    segments_.push_back(std::move(append->new_segment));
  } else if (append) {
    segments_.back()->adopt(std::move(append->longer_map), append->extent);
  }
  state_ = state;
  pending_.clear();
  categories_->keep();
  log_->clear();
  log_limit_->after_commit();
}

void Store::rollback() {
  require_writable();
  discard();
}

void Store::discard() noexcept {
  if (database_->in_transaction()) sqlite3_exec(database_->get(), "ROLLBACK", nullptr, nullptr, nullptr);
  pending_.clear();
  categories_->forget();
  fields_->forget();
  log_->clear();
}

bool Store::target_exists() const {
  return !segments_.empty() && segments_.back()->extent().number == target_segment_;
}

fs::path Store::model_path() const {
  return facts_.has_model ? folder_ / kModelName : fs::path();
}

const Segment* Store::segment(std::uint32_t number) const {
  const std::shared_ptr<Segment>* const found = find_segment(number);
  return found != nullptr ? found->get() : nullptr;
}

std::shared_ptr<Segment> Store::shared_segment(std::uint32_t number) const {
  const std::shared_ptr<Segment>* const found = find_segment(number);
  return found != nullptr ? *found : nullptr;
}

const std::shared_ptr<Segment>* Store::find_segment(std::uint32_t number) const {
  const auto found =
      std::lower_bound(segments_.begin(), segments_.end(), number,
                       [](const auto& segment, std::uint32_t n) { return segment->extent().number < n; });
  return found != segments_.end() && (*found)->extent().number == number ? &*found : nullptr;
}

std::uint64_t Store::num_committed_rows(std::uint32_t number) const {
  const Segment* known = segment(number);
  return known ? known->extent().num_rows : 0;
}

std::optional<Segment::Row> Store::row(const Place& place, Hint& hint) const {
  if (hint.segment == nullptr || hint.segment->extent().number != place.segment) {
    hint = {segment(place.segment), 0};
  }
  if (hint.segment && hint.segment->has(place.row)) return hint.segment->row(place.row, hint.section);
  const std::uint64_t pending_row = place.row - num_committed_rows(place.segment);
  if (place.segment != target_segment_ || pending_row >= pending_.size()) return std::nullopt;
  return Segment::Row{pending_.id(pending_row), pending_.code(pending_row), pending_.feature(pending_row)};
}

Catalog::Row Store::catalog_row(const ItemPlace& item, Hint& hint) const {
  const std::optional<Segment::Row> found = row(item.place, hint);
  if (!found || item.category_index >= categories_->names().size()) {
    throw Error(ErrorCode::kCorrupt, "'" + database_file().string() + "' is damaged: item " +
                                         std::to_string(item.id) +
                                         " refers to a row or category that is not there");
  }
  return {item.id, found->code, facts_.identity.feature_dim == 0 ? nullptr : found->feature,
          item.category_index, item.place};
}

void Store::for_each_row(const std::function<void(const Catalog::Row&)>& visit, ItemId first) const {
  Hint hint;
  Hint last;
  std::set<std::pair<const Segment*, std::size_t>> checked;
  const auto visit_item = [&](const ItemPlace& item) {
    const Catalog::Row row = catalog_row(item, hint);
    const bool is_elsewhere = hint.segment != last.segment || hint.section != last.section;
    last = hint;
    const bool is_committed = hint.segment != nullptr && hint.segment->has(item.place.row);
    if (is_elsewhere && is_committed && checked.emplace(hint.segment, hint.section).second)
      hint.segment->check_codes(hint.section);
    visit(row);
  };
  items_->for_each_place(visit_item, first);
}

std::optional<Catalog::Row> Store::row_of(ItemId id) const {
  const std::optional<ItemPlace> item = items_->place(id);
  if (!item) return std::nullopt;
  Hint hint;
  return catalog_row(*item, hint);
}

std::optional<Segment::Row> Store::committed_row(const RowAddress& address) const {
  const Segment* found = segment(address.segment);
  if (found == nullptr || !found->has(address.row)) return std::nullopt;
  std::size_t hint = 0;
  return found->row(address.row, hint);
}

const Half* Store::committed_feature(const RowAddress& address) const {
  const Segment* found = segment(address.segment);
  return found != nullptr && found->has(address.row) ? found->feature(address.row) : nullptr;
}

void Store::check_feature(const RowAddress& address) const {
  const Segment* found = segment(address.segment);
  if (found != nullptr && found->has(address.row)) found->check_feature(address.row);
}

std::vector<ItemId> Store::select(std::string_view where) const {
  return select_items(*database_, *fields_, where);
}

std::vector<std::string> Store::quality_columns() const {
  std::vector<std::string> names;
  for (const Field& field : fields_->all()) {
    if (field.kind == FieldKind::kQuality) names.push_back(field.name.name);
  }
  return names;
}

}  // namespace vitrine::catalog

// SPDX-License-Identifier: MIT
#include "catalog/store.h"

#include <algorithm>
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
std::unique_ptr<Database> open_snapshot(const fs::path& file, Database::Access access) {
  auto database = std::make_unique<Database>(file, access);
  database->execute("BEGIN; SELECT count(*) FROM meta");
  return database;
}

}  // namespace

std::unique_ptr<Store> Store::create(const fs::path& folder, const CatalogIdentity& identity,
                                     const fs::path& model, const StoreOptions& options) {
  std::unique_ptr<WriterLock> lock = create_files(*options.files, folder, identity, model);
  return std::make_unique<Store>(folder, Catalog::Mode::kReadWrite, options, std::move(lock));
}

Store::Store(const fs::path& folder, Catalog::Mode mode, const StoreOptions& options,
             std::unique_ptr<WriterLock> lock)
    : folder_(folder), options_(options), lock_(std::move(lock)) {
  const fs::path file = folder_ / kDatabaseName;
  check_there_is_one(folder_);
  if (mode == Catalog::Mode::kReadOnly) {
    check_database_header(file, Purpose::kRead);
    open_for_reading(file);
  } else {
    check_database_header(file, Purpose::kWrite);
    open_for_writing(file);
  }
  facts_ = read_facts(*database_);
  state_ = read_state(*database_);
  pending_ = PendingRows(facts_.shape());
  categories_ = std::make_unique<Categories>(*database_);
  fields_ = std::make_unique<FieldNames>(*database_);
  items_ = std::make_unique<ItemTable>(*database_, mode == Catalog::Mode::kReadOnly);
  open_segments();
  if (mode == Catalog::Mode::kReadWrite) {
    trim_behind_commit();
    if (state_ == 0) upgrade();
  }
}

Store::~Store() {
  if (lock_ && database_) discard();
}

// SQLite needs its two log files beside the database, or the right to make them, unless it is told that
// nobody can write. A writer leaves them in place, so they are only missing where a bare copy lies on a
// medium for reading.
void Store::open_for_reading(const fs::path& file) {
  try {
    database_ = open_snapshot(file, Database::Access::kReadOnly);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kIo) throw;
    if (has_content(file.string() + "-wal")) {
      throw Error(ErrorCode::kIo,
                  std::string(error.what()) + "; '" + file.string() +
                      "-wal' holds changes that must be folded in: open the catalogue once for "
                      "writing, in a place where its folder can be written");
    }
    database_ = open_snapshot(file, Database::Access::kImmutable);
  }
}

void Store::open_for_writing(const fs::path& file) {
  if (!lock_) lock_ = std::make_unique<WriterLock>(folder_);
  database_ = std::make_unique<Database>(file, Database::Access::kReadWrite);
  int persist = 1;
  sqlite3_file_control(database_->get(), "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
  database_->execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA cache_size = -65536; "
      "PRAGMA journal_size_limit = 67108864");
}

void Store::open_segments() {
  Statement statement =
      database_->prepare("SELECT number, length_bytes, num_rows FROM segments ORDER BY number");
  while (statement.step()) {
    const std::int64_t number = statement.integer(0);
    if (number < 1 || number > kMaxSegments || statement.integer(1) < 0 || statement.integer(2) < 0) {
      throw Error(ErrorCode::kCorrupt, "'" + (folder_ / kDatabaseName).string() +
                                           "' is damaged: impossible segment " + std::to_string(number));
    }
    const SegmentExtent extent{static_cast<std::uint32_t>(number),
                               static_cast<std::uint64_t>(statement.integer(1)),
                               static_cast<std::uint64_t>(statement.integer(2))};
    segments_.emplace_back(segment_path(folder_, extent.number), facts_.segment_header(extent.number),
                           extent);
  }
}

// A new catalogue, or one of version 1.0, gets its first state.
void Store::upgrade() {
  begin();
  commit();
}

// Removes what a writer left behind its last commit when it died.
void Store::trim_behind_commit() {
  for (const Segment& segment : segments_) {
    if (segment.file_length_bytes() == segment.extent().length_bytes) continue;
    const auto file = options_.files->open(segment.file(), base::Files::Existence::kMustExist);
    file->truncate(segment.extent().length_bytes);
  }
  std::error_code error;
  for (fs::directory_iterator it(folder_ / "segments", error), end; !error && it != end;
       it.increment(error)) {
    const bool known = std::any_of(segments_.begin(), segments_.end(), [&](const Segment& segment) {
      return segment.file().filename() == it->path().filename();
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
  const SegmentExtent& last = segments_.back().extent();
  const bool open = last.number >= first_open_segment_ && last.length_bytes < options_.segment_limit_bytes;
  return open ? last.number : std::max(last.number + 1, first_open_segment_);
}

// SQLite may have rolled back the whole transaction when a statement failed, so a batch ends with its first
// failure.
template <typename Change>
auto Store::apply(Change change) {
  begin();
  try {
    return change();
  } catch (const Error& error) {
    discard();
    throw Error(error.code(), std::string(error.what()) + kDiscarded);
  } catch (...) {
    discard();
    throw;
  }
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
    const ItemId id = items_->insert(item, categories_->index_of(item.category), checked.quality_json, place);
    pending_.add(id, code, feature);
    return id;
  });
}

ItemId Store::upsert_sharing(const Item& item, ItemId source) {
  const Checked checked = check(item);
  const std::optional<Place> place = items_->place(source);
  if (!place) {
    throw Error(ErrorCode::kNotFound, "cannot share the code of item " + std::to_string(source) +
                                          ": the catalogue has no such item");
  }
  return apply([&] {
    fields_->add(FieldKind::kAttribute, checked.attributes);
    fields_->add(FieldKind::kQuality, checked.quality);
    return items_->insert(item, categories_->index_of(item.category), checked.quality_json, *place);
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
    items_->update(id, item, categories_->index_of(item.category), checked.quality_json);
  });
}

bool Store::remove(ItemId id) {
  require_writable();
  if (!items_->place(id)) return false;
  return apply([&] { return items_->remove(id); });
}

void Store::set_blob(std::string_view name, std::span<const std::byte> bytes) {
  require_writable();
  if (name.empty() || name.size() > kMaxBlobNameBytes || !is_text(name)) {
    throw Error(ErrorCode::kInvalidArgument, "cannot keep bytes in the catalogue '" + folder_.string() +
                                                 "': their name must be UTF-8 of 1 to 100 bytes");
  }
  apply([&] { write_blob(*database_, name, bytes); });
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

// Everything that can fail comes before SQLite's commit: afterwards the caller must hear "done".
Store::Append Store::prepare_append() {
  Append append;
  append.extent = {target_segment_, 0, num_committed_rows(target_segment_) + pending_.size()};
  try {
    append.extent.length_bytes = write_pending();
    database_->prepare("INSERT OR REPLACE INTO segments VALUES(?, ?, ?)")
        .bind(1, append.extent.number)
        .bind(2, static_cast<std::int64_t>(append.extent.length_bytes))
        .bind(3, static_cast<std::int64_t>(append.extent.num_rows))
        .run();
    if (target_exists()) {
      append.longer_map = segments_.back().map_again();
    } else {
      append.new_segment.emplace(segment_path(folder_, target_segment_),
                                 facts_.segment_header(target_segment_), append.extent);
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
    segments_.push_back(std::move(*append->new_segment));
  } else if (append) {
    segments_.back().adopt(std::move(append->longer_map), append->extent);
  }
  state_ = state;
  pending_.clear();
  categories_->keep();
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
}

bool Store::target_exists() const {
  return !segments_.empty() && segments_.back().extent().number == target_segment_;
}

fs::path Store::model_path() const {
  return facts_.has_model ? folder_ / kModelName : fs::path();
}

const Segment* Store::segment(std::uint32_t number) const {
  const auto found =
      std::lower_bound(segments_.begin(), segments_.end(), number,
                       [](const Segment& segment, std::uint32_t n) { return segment.extent().number < n; });
  return found != segments_.end() && found->extent().number == number ? &*found : nullptr;
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

void Store::for_each_row(const std::function<void(const Catalog::Row&)>& visit) const {
  Hint hint;
  items_->for_each_place([&](const ItemPlace& item) {
    const std::optional<Segment::Row> found = row(item.place, hint);
    if (!found || item.category_index >= categories_->names().size()) {
      throw Error(ErrorCode::kCorrupt, "'" + (folder_ / kDatabaseName).string() + "' is damaged: item " +
                                           std::to_string(item.id) +
                                           " refers to a row or category that is not there");
    }
    visit({item.id,
           found->code,
           facts_.identity.feature_dim == 0 ? nullptr : found->feature,
           item.category_index,
           {item.place.segment, item.place.row}});
  });
}

const Half* Store::feature(const RowAddress& address) const {
  const Segment* found = segment(address.segment);
  if (found == nullptr || !found->has(address.row)) return nullptr;
  std::size_t hint = 0;
  return found->row(address.row, hint).feature;
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

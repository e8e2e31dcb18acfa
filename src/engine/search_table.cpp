// SPDX-License-Identifier: MIT
#include "engine/search_table.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "vitrine/error.h"

namespace vitrine::engine {
namespace {

// One copy of so many codes at a time is enough.
constexpr std::size_t kBatchRows = 16384;

// Collects rows and adds them to an index in batches.
class BatchedUpserts {
 public:
  explicit BatchedUpserts(HammingIndex& index) : index_(index) {}
  void add(const Catalog::Row& row) {
    ids_.push_back(row.id);
    partitions_.push_back(row.category_index);
    codes_.insert(codes_.end(), row.code.begin(), row.code.end());
    if (ids_.size() == kBatchRows) flush();
  }
  void flush() {
    index_.upsert_batch(ids_, codes_, partitions_);
    ids_.clear();
    partitions_.clear();
    codes_.clear();
  }

 private:
  HammingIndex& index_;
  std::vector<RowId> ids_;
  std::vector<PartitionId> partitions_;
  std::vector<std::byte> codes_;
};

bool has_code(const HammingIndex& index, RowId id, std::span<const std::byte> code) {
  const auto found = index.code(id);
  return found && std::equal(found->begin(), found->end(), code.begin(), code.end());
}

// Makes an index that held `before` hold what the catalogue does, by comparing everything.
RowTable compare_all(const Catalog& catalog, const RowTable& before, HammingIndex& index) {
  BatchedUpserts upserts(index);
  const std::vector<std::size_t> old_rows = before.rows();
  std::size_t old = 0;
  const auto remove_below = [&](ItemId id) {
    for (; old < old_rows.size() && before.id(old_rows[old]) < id; ++old)
      index.remove(before.id(old_rows[old]));
  };
  RowTable rows = RowTable::read(catalog, [&](const Catalog::Row& row) {
    remove_below(row.id);
    const bool is_known = old < old_rows.size() && before.id(old_rows[old]) == row.id;
    // An item's code never changes; but a catalogue restored from a backup can give ids a second time.
    if (!is_known || before.category_index(old_rows[old]) != row.category_index ||
        !has_code(index, row.id, row.code)) {
      upserts.add(row);
    }
    old += is_known ? 1 : 0;
  });
  remove_below(std::numeric_limits<ItemId>::max());
  upserts.flush();
  return rows;
}

// As above, by what the catalogue says that has changed since, or by comparing everything if it does not
// know.
RowTable catch_up(const Catalog& catalog, const RowTable& before, HammingIndex& index) {
  const std::optional<CatalogChanges> changes = catalog.changes_since(before.state());
  if (!changes) return compare_all(catalog, before, index);
  BatchedUpserts upserts(index);
  RowTable rows = RowTable::read_changes(catalog, before, changes->touched,
                                         [&](const Catalog::Row& row) { upserts.add(row); });
  upserts.flush();
  for (const ItemId id : changes->touched) {
    if (!rows.row_of(id)) index.remove(id);
  }
  return rows;
}

}  // namespace

std::filesystem::path SearchTable::file(const Catalog& catalog) {
  return catalog.folder() / "search.vhix";
}

SearchTable::SearchTable(const Catalog& catalog) : SearchTable(catalog, load(catalog)) {}

SearchTable::SearchTable(const Catalog& catalog, const SearchTable& before)
    : SearchTable(catalog, follow(catalog, before)) {}

SearchTable::SearchTable(const Catalog& catalog, Parts parts)
    : catalog_(catalog),
      index_(std::move(parts.index)),
      snapshot_(index_->snapshot()),
      rows_(std::move(parts.rows)),
      came_from_file_(parts.came_from_file) {}

SearchTable::Parts SearchTable::load(const Catalog& catalog) {
  // A file that cannot be used is no reason not to search. Checking a catalogue reports it.
  try {
    if (auto parts = load_file(catalog)) return std::move(*parts);
  } catch (const Error&) {
  }
  return build(catalog);
}

std::optional<SearchTable::Parts> SearchTable::load_file(const Catalog& catalog) {
  auto index = std::make_shared<HammingIndex>(HammingIndex::open(file(catalog), {.check_rows = true}));
  auto rows = RowTable::attach(index->host_data(), catalog);
  if (!rows || index->code_bits() != catalog.identity().code_bits || index->size() != rows->size())
    return std::nullopt;
  if (catalog.state() != 0 && rows->state() == catalog.state()) {
    return Parts{std::move(index), std::move(*rows), true};
  }
  // Where most has changed, beginning anew is quicker.
  if (catalog.largest_id() > rows->largest_id() + rows->size()) return std::nullopt;
  RowTable followed = catch_up(catalog, *rows, *index);
  return Parts{std::move(index), std::move(followed), false};
}

SearchTable::Parts SearchTable::build(const Catalog& catalog) {
  // Lists are formed on request only, once all rows are there.
  auto index = std::make_shared<HammingIndex>(
      HammingIndexOptions{.code_bits = catalog.identity().code_bits,
                          .min_rows_for_lists = std::numeric_limits<std::size_t>::max()});
  BatchedUpserts upserts(*index);
  RowTable rows = RowTable::read(catalog, [&](const Catalog::Row& row) { upserts.add(row); });
  upserts.flush();
  return {std::move(index), std::move(rows), false};
}

SearchTable::Parts SearchTable::follow(const Catalog& catalog, const SearchTable& before) {
  return {before.index_, catch_up(catalog, before.rows_, *before.index_), false};
}

void SearchTable::optimize(unsigned num_threads) {
  index_->optimize(num_threads);
  snapshot_ = index_->snapshot();
}

const Half* SearchTable::feature(std::size_t row) const {
  const Half* const found = catalog_.feature(rows_.address(row));
  if (found != nullptr || catalog_.identity().feature_dim == 0) return found;
  throw Error(ErrorCode::kCorrupt, "cannot search in '" + catalog_.folder().string() + "': '" +
                                       file(catalog_).string() + "' names a row for item " +
                                       std::to_string(id(row)) +
                                       " that is not there; delete that file, it will be made anew");
}

void SearchTable::save() const {
  index_->save(file(catalog_), rows_.bytes(catalog_));
}

}  // namespace vitrine::engine

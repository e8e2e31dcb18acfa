// SPDX-License-Identifier: MIT
#include "engine/row_table.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <utility>

#include "base/little_endian.h"

namespace vitrine::engine {
namespace {

using base::get;
using base::put;

constexpr std::array<char, 8> kMagic = {'V', 'I', 'T', 'R', 'O', 'W', 'S', '1'};
constexpr std::size_t kCatalogIdAt = 8;
constexpr std::size_t kCatalogIdBytes = 16;
constexpr std::size_t kStateAt = 24;
constexpr std::size_t kNumRowsAt = 32;
constexpr std::size_t kHeaderBytes = 64;
// Columns, in this order: item id and row in its segment of 8 bytes, segment and category of 4.
constexpr std::size_t kRowBytes = 2 * sizeof(std::uint64_t) + 2 * sizeof(std::uint32_t);

}  // namespace

struct RowTable::OwnRows {
  std::array<ItemId, kChunkRows> ids;
  std::array<std::uint64_t, kChunkRows> rows;
  std::array<std::uint32_t, kChunkRows> segments;
  std::array<std::uint32_t, kChunkRows> categories;
  std::size_t size = 0;

  void add(const Catalog::Row& row) { add(row.id, row.address, row.category_index); }
  void add(ItemId id, const RowAddress& address, std::uint32_t category) {
    ids[size] = id;
    rows[size] = address.row;
    segments[size] = address.segment;
    categories[size] = category;
    ++size;
  }
  void add(const Columns& from, std::size_t row) {
    add(from.ids[row], address(from, row), from.categories[row]);
  }
};

// Makes a table chunk by chunk, in ascending order of ids.
class RowTable::Builder {
 public:
  /// Categories are counted from those that `counts` has.
  explicit Builder(std::vector<std::uint64_t> counts = {}) { table_.category_counts_ = std::move(counts); }

  void count(std::uint32_t category) {
    if (category >= table_.category_counts_.size()) table_.category_counts_.resize(category + std::size_t{1});
    ++table_.category_counts_[category];
  }
  void discount(std::uint32_t category) { --table_.category_counts_[category]; }

  void append(const Catalog::Row& row) {
    open(1).add(row);
    count(row.category_index);
  }

  void share(std::span<const Chunk> chunks) {
    for (const Chunk& chunk : chunks) share(chunk);
  }
  // Small neighbours become one, so that what is left of old chunks does not become a list of single rows.
  void share(const Chunk& chunk) {
    constexpr std::size_t kMergedRows = kChunkRows / 2;
    const std::size_t size_before = open_ ? open_->size : 0;
    if (chunk.size < kMergedRows && size_before + chunk.size <= kMergedRows) {
      copy(chunk);
    } else {
      close();
      add(chunk);
    }
  }
  void copy(const Chunk& chunk) {
    OwnRows& rows = open(chunk.size);
    for (std::size_t row = 0; row < chunk.size; ++row) rows.add(chunk.columns, row);
  }

  /// A chunk of which some rows may have changed, as it is now.
  void edit(const Chunk& chunk, std::span<const ItemId> touched, const Catalog& catalog,
            const std::function<void(const Catalog::Row&)>& visit) {
    auto edited = std::make_shared<OwnRows>();
    bool has_changed = false;
    for (std::size_t row = 0; row < chunk.size; ++row) {
      const ItemId id = chunk.columns.ids[row];
      if (!std::binary_search(touched.begin(), touched.end(), id)) {
        edited->add(chunk.columns, row);
        continue;
      }
      const std::optional<Catalog::Row> now = catalog.row(id);
      const std::uint32_t category = chunk.columns.categories[row];
      if (now && now->address == address(chunk.columns, row) && now->category_index == category) {
        edited->add(chunk.columns, row);
        continue;
      }
      has_changed = true;
      discount(category);
      if (!now) continue;
      edited->add(*now);
      count(now->category_index);
      visit(*now);
    }
    if (!has_changed) {
      share(chunk);
    } else if (edited->size > 0) {
      share(chunk_of(std::move(edited)));
    }
  }

  RowTable make(const Catalog& catalog) {
    close();
    for (const Chunk& chunk : table_.chunks_) table_.size_ += chunk.size;
    table_.state_ = catalog.state();
    return std::move(table_);
  }

  static Chunk chunk_of(std::shared_ptr<const OwnRows> rows) {
    return {rows->size,
            {rows->ids.data(), rows->rows.data(), rows->segments.data(), rows->categories.data()},
            std::move(rows)};
  }

 private:
  // Rows that can take so many more.
  OwnRows& open(std::size_t num_more) {
    if (open_ && open_->size + num_more > kChunkRows) close();
    if (!open_) open_ = std::make_shared<OwnRows>();
    return *open_;
  }
  void close() {
    if (open_) add(chunk_of(std::move(open_)));
    open_ = nullptr;
  }
  void add(Chunk chunk) {
    table_.first_ids_.push_back(chunk.columns.ids[0]);
    table_.chunks_.push_back(std::move(chunk));
  }

  RowTable table_;
  std::shared_ptr<OwnRows> open_;
};

RowTable RowTable::read(const Catalog& catalog, const std::function<void(const Catalog::Row&)>& visit) {
  Builder builder;
  catalog.for_each_row([&](const Catalog::Row& row) {
    builder.append(row);
    visit(row);
  });
  return builder.make(catalog);
}

RowTable RowTable::read_changes(const Catalog& catalog, const RowTable& before,
                                std::span<const ItemId> touched,
                                const std::function<void(const Catalog::Row&)>& visit) {
  Builder builder(before.category_counts_);
  const std::span<const Chunk> chunks = before.chunks_;
  std::size_t done = 0;
  while (!touched.empty()) {
    const std::optional<std::size_t> at = before.chunk_of(touched.front());
    if (!at) {
      touched = touched.subspan(1);
      continue;
    }
    builder.share(chunks.subspan(done, *at - done));
    const bool is_last = *at + 1 == chunks.size();
    const auto end = is_last ? touched.end()
                             : std::lower_bound(touched.begin(), touched.end(), before.first_ids_[*at + 1]);
    const auto num_here = static_cast<std::size_t>(end - touched.begin());
    builder.edit(chunks[*at], touched.first(num_here), catalog, visit);
    touched = touched.subspan(num_here);
    done = *at + 1;
  }
  builder.share(chunks.subspan(done));
  catalog.for_each_row(
      [&](const Catalog::Row& row) {
        builder.append(row);
        visit(row);
      },
      before.size() == 0 ? 0 : before.largest_id() + 1);
  return builder.make(catalog);
}

std::optional<RowTable> RowTable::attach(std::span<const std::byte> bytes, const Catalog& catalog) {
  if (bytes.size() < kHeaderBytes || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) return {};
  const auto id = bytes.subspan(kCatalogIdAt, kCatalogIdBytes);
  if (!std::equal(id.begin(), id.end(), catalog.catalog_id().begin(), catalog.catalog_id().end())) return {};
  const auto num_rows = get<std::uint64_t>(bytes, kNumRowsAt);
  if (num_rows > bytes.size() || bytes.size() != kHeaderBytes + num_rows * kRowBytes) return {};
  const auto* const wide = reinterpret_cast<const std::uint64_t*>(bytes.data() + kHeaderBytes);
  const auto* const narrow = reinterpret_cast<const std::uint32_t*>(wide + 2 * num_rows);
  const std::span<const ItemId> ids(wide, num_rows);
  // Searches for an id rely on it.
  if (std::adjacent_find(ids.begin(), ids.end(), std::greater_equal<>()) != ids.end()) return {};
  RowTable table;
  table.state_ = get<std::uint64_t>(bytes, kStateAt);
  table.size_ = num_rows;
  table.category_counts_.resize(catalog.category_names().size());
  for (const std::uint32_t category : std::span(narrow + num_rows, num_rows)) {
    if (category >= table.category_counts_.size()) return {};
    ++table.category_counts_[category];
  }
  for (std::size_t row = 0; row < num_rows; row += kChunkRows) {
    table.first_ids_.push_back(ids[row]);
    table.chunks_.push_back({std::min(kChunkRows, num_rows - row),
                             {wide + row, wide + num_rows + row, narrow + row, narrow + num_rows + row},
                             nullptr});
  }
  return table;
}

std::vector<std::byte> RowTable::bytes(const Catalog& catalog) const {
  std::vector<std::byte> bytes(kHeaderBytes + size_ * kRowBytes);
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  std::copy(catalog.catalog_id().begin(), catalog.catalog_id().end(), bytes.begin() + kCatalogIdAt);
  put(std::span(bytes), kStateAt, state_);
  put(std::span(bytes), kNumRowsAt, static_cast<std::uint64_t>(size_));
  auto column = bytes.begin() + kHeaderBytes;
  const auto append = [&](auto column_of) {
    for (const Chunk& chunk : chunks_) {
      const auto source = std::as_bytes(std::span(column_of(chunk.columns), chunk.size));
      column = std::copy(source.begin(), source.end(), column);
    }
  };
  append([](const Columns& columns) { return columns.ids; });
  append([](const Columns& columns) { return columns.rows; });
  append([](const Columns& columns) { return columns.segments; });
  append([](const Columns& columns) { return columns.categories; });
  return bytes;
}

std::vector<std::size_t> RowTable::rows() const {
  std::vector<std::size_t> rows;
  rows.reserve(size_);
  for (std::size_t i = 0; i < chunks_.size(); ++i)
    for (std::size_t row = 0; row < chunks_[i].size; ++row) rows.push_back(i * kChunkRows + row);
  return rows;
}

std::optional<std::size_t> RowTable::chunk_of(ItemId id) const {
  if (first_ids_.empty() || id < first_ids_.front()) return std::nullopt;
  // Where it is if no item was ever removed.
  const std::size_t usual = (id - first_ids_.front()) / kChunkRows;
  if (usual + 1 < first_ids_.size() && first_ids_[usual] <= id && id < first_ids_[usual + 1]) return usual;
  const auto next = std::upper_bound(first_ids_.begin(), first_ids_.end(), id);
  return static_cast<std::size_t>(next - first_ids_.begin()) - 1;
}

std::optional<std::size_t> RowTable::row_of(ItemId id) const {
  const std::optional<std::size_t> at = chunk_of(id);
  if (!at) return std::nullopt;
  const std::span<const ItemId> ids(chunks_[*at].columns.ids, chunks_[*at].size);
  std::size_t row = id - first_ids_[*at];
  if (row >= ids.size() || ids[row] != id)
    row = static_cast<std::size_t>(std::lower_bound(ids.begin(), ids.end(), id) - ids.begin());
  if (row == ids.size() || ids[row] != id) return std::nullopt;
  return *at * kChunkRows + row;
}

ItemId RowTable::largest_id() const {
  return chunks_.empty() ? 0 : chunks_.back().columns.ids[chunks_.back().size - 1];
}

}  // namespace vitrine::engine

// SPDX-License-Identifier: MIT
#include "engine/row_table.h"

#include <algorithm>
#include <array>
#include <cstring>

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

RowTable::RowTable(std::span<const std::byte> bytes) : bytes_(bytes) {
  const std::size_t num_rows = (bytes.size() - kHeaderBytes) / kRowBytes;
  const auto* wide = reinterpret_cast<const std::uint64_t*>(bytes.data() + kHeaderBytes);
  const auto* narrow = reinterpret_cast<const std::uint32_t*>(wide + 2 * num_rows);
  ids_ = {wide, num_rows};
  rows_ = {wide + num_rows, num_rows};
  segments_ = {narrow, num_rows};
  categories_ = {narrow + num_rows, num_rows};
}

// Collects columns and makes them one block.
class RowTable::Builder {
 public:
  void add(const Catalog::Row& row) {
    ids_.push_back(row.id);
    rows_.push_back(row.address.row);
    segments_.push_back(row.address.segment);
    categories_.push_back(row.category_index);
  }

  void copy(const RowTable& from, std::size_t begin, std::size_t end) {
    const auto append = [&](const auto& column, auto& to) {
      to.insert(to.end(), column.begin() + static_cast<std::ptrdiff_t>(begin),
                column.begin() + static_cast<std::ptrdiff_t>(end));
    };
    append(from.ids_, ids_);
    append(from.rows_, rows_);
    append(from.segments_, segments_);
    append(from.categories_, categories_);
  }

  RowTable make(const Catalog& catalog) const {
    std::vector<std::uint64_t> block((kHeaderBytes + ids_.size() * kRowBytes) / sizeof(std::uint64_t));
    const auto bytes = std::as_writable_bytes(std::span(block));
    std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
    std::copy(catalog.catalog_id().begin(), catalog.catalog_id().end(), bytes.begin() + kCatalogIdAt);
    put(bytes, kStateAt, catalog.state());
    put(bytes, kNumRowsAt, static_cast<std::uint64_t>(ids_.size()));
    std::byte* column = bytes.data() + kHeaderBytes;
    const auto append = [&](const auto& values) {
      const auto source = std::as_bytes(std::span(values));
      column = std::copy(source.begin(), source.end(), column);
    };
    append(ids_);
    append(rows_);
    append(segments_);
    append(categories_);
    RowTable table{std::span<const std::byte>(bytes)};
    table.owned_ = std::move(block);  // which leaves its memory where it is
    return table;
  }

 private:
  std::vector<ItemId> ids_;
  std::vector<std::uint64_t> rows_;
  std::vector<std::uint32_t> segments_;
  std::vector<std::uint32_t> categories_;
};

RowTable RowTable::read(const Catalog& catalog, const std::function<void(const Catalog::Row&)>& visit) {
  Builder builder;
  catalog.for_each_row([&](const Catalog::Row& row) {
    builder.add(row);
    visit(row);
  });
  return builder.make(catalog);
}

RowTable RowTable::read_changes(const Catalog& catalog, const RowTable& before,
                                std::span<const ItemId> touched,
                                const std::function<void(const Catalog::Row&)>& visit) {
  Builder builder;
  const auto take = [&](const Catalog::Row& row) {
    builder.add(row);
    visit(row);
  };
  std::size_t copied = 0;
  for (const ItemId id : touched) {
    const auto place = std::lower_bound(before.ids_.begin(), before.ids_.end(), id);
    if (place == before.ids_.end() || *place != id) continue;
    const auto row = static_cast<std::size_t>(place - before.ids_.begin());
    builder.copy(before, copied, row);
    copied = row + 1;
    if (const std::optional<Catalog::Row> now = catalog.row(id)) take(*now);
  }
  builder.copy(before, copied, before.size());
  catalog.for_each_row(take, before.size() == 0 ? 0 : before.ids_.back() + 1);
  return builder.make(catalog);
}

std::optional<RowTable> RowTable::attach(std::span<const std::byte> bytes, const Catalog& catalog) {
  if (bytes.size() < kHeaderBytes || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) return {};
  const auto id = bytes.subspan(kCatalogIdAt, kCatalogIdBytes);
  if (!std::equal(id.begin(), id.end(), catalog.catalog_id().begin(), catalog.catalog_id().end())) return {};
  const auto num_rows = get<std::uint64_t>(bytes, kNumRowsAt);
  if (num_rows > bytes.size() || bytes.size() != kHeaderBytes + num_rows * kRowBytes) return {};
  RowTable table(bytes);
  // Searches for an id rely on it.
  const auto descent = std::adjacent_find(table.ids_.begin(), table.ids_.end(), std::greater_equal<>());
  if (descent != table.ids_.end()) return {};
  return table;
}

std::uint64_t RowTable::state() const {
  return get<std::uint64_t>(bytes_, kStateAt);
}

std::optional<std::size_t> RowTable::row_of(ItemId id) const {
  const auto found = std::lower_bound(ids_.begin(), ids_.end(), id);
  if (found == ids_.end() || *found != id) return std::nullopt;
  return static_cast<std::size_t>(found - ids_.begin());
}

}  // namespace vitrine::engine

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

RowTable RowTable::read(const Catalog& catalog, const std::function<void(const Catalog::Row&)>& visit) {
  std::vector<ItemId> ids;
  std::vector<std::uint64_t> rows;
  std::vector<std::uint32_t> segments;
  std::vector<std::uint32_t> categories;
  catalog.for_each_row([&](const Catalog::Row& row) {
    ids.push_back(row.id);
    rows.push_back(row.address.row);
    segments.push_back(row.address.segment);
    categories.push_back(row.category_index);
    visit(row);
  });
  std::vector<std::uint64_t> block((kHeaderBytes + ids.size() * kRowBytes) / sizeof(std::uint64_t));
  const auto bytes = std::as_writable_bytes(std::span(block));
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  std::copy(catalog.catalog_id().begin(), catalog.catalog_id().end(), bytes.begin() + kCatalogIdAt);
  put(bytes, kStateAt, catalog.state());
  put(bytes, kNumRowsAt, static_cast<std::uint64_t>(ids.size()));
  std::byte* column = bytes.data() + kHeaderBytes;
  const auto append = [&](const auto& values) {
    const auto source = std::as_bytes(std::span(values));
    column = std::copy(source.begin(), source.end(), column);
  };
  append(ids);
  append(rows);
  append(segments);
  append(categories);
  RowTable table{std::span<const std::byte>(bytes)};
  table.owned_ = std::move(block);  // which leaves its memory where it is
  return table;
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

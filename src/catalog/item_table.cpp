// SPDX-License-Identifier: MIT
#include "catalog/item_table.h"

#include <array>
#include <limits>

#include "catalog/attributes.h"
#include "catalog/schema.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

constexpr int kLastMetadataParameter = 15;

// Binds what insert and update share: parameters 1 to 15.
void bind_metadata(Statement& statement, const Item& item, std::uint32_t category_index,
                   const std::string& quality_json, std::span<const std::byte> hash) {
  statement.bind(1, category_index)
      .bind_bytes(2, item.key.product)
      .bind_bytes(3, item.key.picture)
      .bind_bytes(4, item.path)
      .bind_blob(5, hash)
      .bind(6, item.file_size_bytes)
      .bind(7, item.modified_ns)
      .bind(8, item.width_px)
      .bind(9, item.height_px);
  if (item.box_px) {
    statement.bind(10, item.box_px->x0)
        .bind(11, item.box_px->y0)
        .bind(12, item.box_px->x1)
        .bind(13, item.box_px->y1);
  } else {
    for (int parameter = 10; parameter <= 13; ++parameter) statement.bind_null(parameter);
  }
  statement.bind_text(14, item.attributes_json).bind_text(kLastMetadataParameter, quality_json);
}

template <typename Number>
Number number_in_range(const Statement& statement, int column, const char* what) {
  const std::int64_t value = statement.integer(column);
  if (value < 0 || value > static_cast<std::int64_t>(std::numeric_limits<std::uint32_t>::max())) {
    throw Error(ErrorCode::kCorrupt,
                "the catalogue's database is damaged: " + std::string(what) + " is " + std::to_string(value));
  }
  return static_cast<Number>(value);
}

Place read_place(const Statement& statement, int column) {
  return {number_in_range<std::uint32_t>(statement, column, "the segment of an item"),
          number_in_range<std::uint64_t>(statement, column + 1, "the row of an item")};
}

// Columns item_id, segment, row, category_index.
ItemPlace read_item_place(const Statement& statement) {
  return {static_cast<ItemId>(statement.integer(0)), read_place(statement, 1),
          number_in_range<std::uint32_t>(statement, 3, "the category of an item")};
}

Item read_item(const Statement& statement) {
  Item item;
  item.key = {std::string(statement.bytes(0)), std::string(statement.bytes(1))};
  item.path = statement.bytes(2);
  item.category = statement.bytes(3);
  item.hash = hash_of_bytes(statement.bytes(4));
  item.file_size_bytes = statement.integer(5);
  item.modified_ns = statement.integer(6);
  item.width_px = static_cast<int>(statement.integer(7));
  item.height_px = static_cast<int>(statement.integer(8));
  if (!statement.is_null(9)) {
    item.box_px = BoxPx{static_cast<int>(statement.integer(9)), static_cast<int>(statement.integer(10)),
                        static_cast<int>(statement.integer(11)), static_cast<int>(statement.integer(12))};
  }
  item.attributes_json = statement.bytes(13);
  item.quality = quality_from_json(statement.bytes(14));
  return item;
}

}  // namespace

ItemTable::ItemTable(const Database& database, bool read_only)
    : database_(database),
      item_(database.prepare(
          "SELECT product, picture, path, (SELECT name FROM categories AS c WHERE c.category_index = "
          "items.category_index), hash, file_size_bytes, modified_ns, width_px, height_px, box_x0, box_y0, "
          "box_x1, "
          "box_y1, attributes, quality FROM items WHERE item_id = ?")),
      place_(database.prepare(
          "SELECT item_id, segment, row, category_index FROM items INDEXED BY items_rows WHERE item_id = ?")),
      find_(database.prepare("SELECT item_id FROM items WHERE product = ? AND picture = ?")),
      find_by_hash_(database.prepare("SELECT min(item_id) FROM items WHERE hash = ?")) {
  if (read_only) return;
  // REPLACE removes the item that has the key, AUTOINCREMENT gives a number that was never used.
  insert_ = database.prepare(
      "INSERT OR REPLACE INTO items(category_index, product, picture, path, hash, file_size_bytes, "
      "modified_ns, "
      "width_px, height_px, box_x0, box_y0, box_x1, box_y1, attributes, quality, segment, row) "
      "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)");
  // Columns that indexes hold apart, so that a new price changes one page and not four.
  update_ = database.prepare(
      "UPDATE items SET path = ?4, file_size_bytes = ?6, modified_ns = ?7, width_px = ?8, height_px = ?9, "
      "box_x0 = ?10, box_y0 = ?11, box_x1 = ?12, box_y1 = ?13, attributes = ?14, quality = ?15 WHERE item_id "
      "= ?16");
  update_indexed_ = database.prepare(
      "UPDATE items SET category_index = ?1, hash = ?2 WHERE item_id = ?3 AND (category_index IS NOT ?1 OR "
      "hash IS NOT ?2)");
  remove_ = database.prepare("DELETE FROM items WHERE item_id = ?");
  move_ = database.prepare("UPDATE items SET segment = ?, row = ? WHERE item_id = ?");
}

ItemId ItemTable::insert(const Item& item, std::uint32_t category_index, const std::string& quality_json,
                         Place place) {
  const std::array<std::byte, 16> hash = hash_bytes(item.hash);
  bind_metadata(insert_, item, category_index, quality_json, hash);
  insert_.bind(kLastMetadataParameter + 1, place.segment)
      .bind(kLastMetadataParameter + 2, static_cast<std::int64_t>(place.row))
      .run();
  return static_cast<ItemId>(sqlite3_last_insert_rowid(database_.get()));
}

void ItemTable::update(ItemId id, const Item& item, std::uint32_t category_index,
                       const std::string& quality_json) {
  const std::array<std::byte, 16> hash = hash_bytes(item.hash);
  bind_metadata(update_, item, category_index, quality_json, hash);
  update_.bind(kLastMetadataParameter + 1, static_cast<std::int64_t>(id)).run();
  update_indexed_.bind(1, category_index).bind_blob(2, hash).bind(3, static_cast<std::int64_t>(id)).run();
}

bool ItemTable::remove(ItemId id) {
  remove_.bind(1, static_cast<std::int64_t>(id)).run();
  return sqlite3_changes(database_.get()) > 0;
}

void ItemTable::move(ItemId id, Place place) {
  move_.bind(1, place.segment)
      .bind(2, static_cast<std::int64_t>(place.row))
      .bind(3, static_cast<std::int64_t>(id))
      .run();
}

std::optional<Item> ItemTable::item(ItemId id) const {
  const std::lock_guard lock(mutex_);
  const ResetAtEnd reset_at_end(item_);
  item_.bind(1, static_cast<std::int64_t>(id));
  if (!item_.step()) return std::nullopt;
  return read_item(item_);
}

std::optional<ItemPlace> ItemTable::place(ItemId id) const {
  const std::lock_guard lock(mutex_);
  const ResetAtEnd reset_at_end(place_);
  place_.bind(1, static_cast<std::int64_t>(id));
  if (!place_.step()) return std::nullopt;
  return read_item_place(place_);
}

std::optional<ItemId> ItemTable::find(const ItemKey& key) const {
  const std::lock_guard lock(mutex_);
  const ResetAtEnd reset_at_end(find_);
  find_.bind_bytes(1, key.product).bind_bytes(2, key.picture);
  if (!find_.step()) return std::nullopt;
  return static_cast<ItemId>(find_.integer(0));
}

std::optional<ItemId> ItemTable::find_by_hash(const ContentHash& hash) const {
  const std::array<std::byte, 16> bytes = hash_bytes(hash);
  const std::lock_guard lock(mutex_);
  const ResetAtEnd reset_at_end(find_by_hash_);
  find_by_hash_.bind_blob(1, bytes);
  if (!find_by_hash_.step() || find_by_hash_.is_null(0)) return std::nullopt;
  return static_cast<ItemId>(find_by_hash_.integer(0));
}

ItemId ItemTable::largest_id() const {
  Statement statement = database_.prepare("SELECT max(item_id) FROM items");
  return statement.step() && !statement.is_null(0) ? static_cast<ItemId>(statement.integer(0)) : 0;
}

std::vector<ItemId> ItemTable::items_of(std::string_view product) const {
  Statement statement = database_.prepare("SELECT item_id FROM items WHERE product = ? ORDER BY item_id");
  statement.bind_bytes(1, product);
  std::vector<ItemId> ids;
  while (statement.step()) ids.push_back(static_cast<ItemId>(statement.integer(0)));
  return ids;
}

void ItemTable::for_each_file(const std::function<void(const FileState&)>& visit) const {
  Statement statement =
      database_.prepare("SELECT item_id, path, file_size_bytes, modified_ns FROM items ORDER BY item_id");
  FileState state;
  while (statement.step()) {
    state.id = static_cast<ItemId>(statement.integer(0));
    state.path = statement.bytes(1);
    state.file_size_bytes = statement.integer(2);
    state.modified_ns = statement.integer(3);
    visit(state);
  }
}

void ItemTable::for_each_place(const std::function<void(const ItemPlace&)>& visit, ItemId first) const {
  Statement statement = database_.prepare(
      "SELECT item_id, segment, row, category_index FROM items INDEXED BY items_rows WHERE item_id >= ? "
      "ORDER BY item_id");
  statement.bind(1, static_cast<std::int64_t>(first));
  while (statement.step()) visit(read_item_place(statement));
}

}  // namespace vitrine::catalog

// SPDX-License-Identifier: MIT
// The part of Store that gives space back. SQLite's commit decides, as always: before it, nothing refers to
// the new segments, after it, nothing to the old ones. Readers that keep an earlier state have the old files
// mapped, so these can be removed at once.
#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "catalog/row_copy.h"
#include "catalog/store.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

// Damage that is copied gets a checksum that fits it.
void refuse_damage(const std::vector<std::shared_ptr<Segment>>& segments) {
  std::vector<ItemId> ids;
  std::vector<CatalogProblem> problems;
  for (const auto& segment : segments) {
    segment->verify(ids, problems);
    if (problems.empty()) continue;
    throw Error(ErrorCode::kCorrupt, "cannot compact the catalogue: '" + problems.front().file.string() +
                                         "' is damaged at byte " +
                                         std::to_string(problems.front().offset_bytes) + ": " +
                                         problems.front().description + "; restore the folder from a backup");
  }
}

}  // namespace

// In the order of their rows, so that copying reads forwards.
std::vector<ItemPlace> Store::live_items() const {
  std::vector<ItemPlace> items;
  items_->for_each_place([&](const ItemPlace& item) { items.push_back(item); });
  std::sort(items.begin(), items.end(), [](const ItemPlace& a, const ItemPlace& b) {
    return std::tie(a.place.segment, a.place.row, a.id) < std::tie(b.place.segment, b.place.row, b.id);
  });
  return items;
}

void Store::store_moves(std::vector<ItemPlace> moved, const std::vector<SegmentExtent>& extents) const {
  std::sort(moved.begin(), moved.end(), [](const ItemPlace& a, const ItemPlace& b) { return a.id < b.id; });
  for (const ItemPlace& item : moved) items_->move(item.id, item.place);
  database_->execute("DELETE FROM segments; DELETE FROM commits");
  for (const SegmentExtent& extent : extents) store_extent(extent);
}

void Store::compact() {
  require_writable();
  if (database_->in_transaction()) {
    throw Error(ErrorCode::kInvalidArgument, "cannot compact the catalogue '" + folder_.string() +
                                                 "' while it has changes that are not committed");
  }
  refuse_damage(segments_);
  std::vector<std::shared_ptr<Segment>> made;
  std::uint64_t state = 0;
  apply([&] {
    const std::uint32_t after_last = segments_.empty() ? 1 : segments_.back()->extent().number + 1;
    RowCopy copy(*options_.files, folder_, facts_, std::max(after_last, first_open_segment_),
                 options_.segment_limit_bytes);
    std::vector<SegmentExtent> extents;
    try {
      std::vector<ItemPlace> items = live_items();
      std::optional<Place> copied;
      Place target;
      Hint hint;
      for (ItemPlace& item : items) {
        const Catalog::Row row = catalog_row(item, hint);
        // Of several items with one row the first one names it.
        if (copied != item.place) target = copy.add({item.id, row.code, row.feature});
        copied = std::exchange(item.place, target);
      }
      extents = copy.finish();
      for (const SegmentExtent& extent : extents) made.push_back(open_segment(extent, nullptr));
      store_moves(std::move(items), extents);
      state = renew_state(*database_);
      log_->touch_all();
      log_->write(state);
    } catch (...) {
      copy.discard();
      throw;
    }
    try {
      database_->execute("COMMIT");
    } catch (...) {
      // See commit(): a crash may bring this commit back, so its segments must stay.
      if (!extents.empty()) first_open_segment_ = extents.back().number + 1;
      throw;
    }
  });
  state_ = state;
  log_->clear();
  drop_segments(std::exchange(segments_, std::move(made)));
  shrink_database();
}

void Store::drop_segments(std::vector<std::shared_ptr<Segment>> old) noexcept {
  for (const auto& segment : old) {
    try {
      options_.files->remove(segment->file());
    } catch (const std::exception&) {
      // As after a crash here, the next writer that opens the catalogue removes it.
    }
  }
}

void Store::shrink_database() const {
  try {
    database_->shrink();
  } catch (const Error& error) {
    throw Error(error.code(),
                std::string(error.what()) +
                    "; the catalogue is whole and its rows are compacted, but the database keeps "
                    "its free pages: make space and compact again");
  }
}

}  // namespace vitrine::catalog

// SPDX-License-Identifier: MIT
#include "engine/ingest_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/item_metadata.h"
#include "vitrine/error.h"

namespace vitrine::engine {
namespace {

/// However slow the network, a crash costs no more work than this.
constexpr std::chrono::seconds kMaxTimeBetweenCommits{10};

void set_metadata(Item& item, const IngestEntry& entry) {
  item.category = entry.category;
  item.attributes_json = entry.attributes_json;
  item.quality = entry.quality;
}

}  // namespace

IngestWriter::IngestWriter(Catalog& catalog, std::mutex& catalog_mutex, const IngestSource& source,
                           const IngestPlan& plan, const IngestOptions& options, IngestReport& report)
    : catalog_(catalog),
      catalog_mutex_(catalog_mutex),
      source_(source),
      plan_(plan),
      commit_every_(std::max<std::size_t>(options.commit_every, 1)),
      report_(report) {
  if (!options.remove_vanished) return;
  if (!source.is_complete) {
    report.num_kept = plan.vanished.size();
    return;
  }
  vanished_ = plan.vanished;
  if (plan.pictures.empty()) return;
  for (const ItemId id : vanished_)
    if (const std::optional<Item> item = catalog.item(id)) vanished_by_content_.emplace(item->hash, id);
}

void IngestWriter::update_metadata_only_items() {
  const std::lock_guard lock(catalog_mutex_);
  for (const auto& [id, entry_index] : plan_.metadata_only) {
    const IngestEntry& entry = source_.entries[entry_index];
    std::optional<Item> item = catalog_.item(id);
    if (!item)
      throw Error(ErrorCode::kInternal, "item " + std::to_string(id) + " is gone from the catalogue");
    set_metadata(*item, entry);
    try {
      catalog_.update_metadata(id, *item);
      ++report_.num_modified;
      changed();
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kInvalidArgument) throw;
      report_.failures.push_back({entry.path, error.what()});
    }
  }
}

void IngestWriter::apply(const PictureResult& result) {
  using Kind = PictureResult::Kind;
  if (result.kind == Kind::kBadContent) bad_contents_.emplace(result.hash, result.failure);
  if (result.kind == Kind::kBadContent || result.kind == Kind::kUnreadable)
    return fail(result, result.failure);

  const PlannedPicture& picture = plan_.pictures[result.picture_index];
  const std::lock_guard lock(catalog_mutex_);
  const IngestEntry& entry = source_.entries[picture.entry_index];
  Item item = item_of(entry, result);
  try {
    if (result.kind == Kind::kSameContent) {
      apply_same_content(entry, *picture.existing, std::move(item));
    } else if (result.kind == Kind::kKnownContent) {
      apply_known_content(result, std::move(item));
    } else {
      catalog_.upsert(item, result.code, result.feature);
      count_new(picture);
    }
    changed();
  } catch (const Error& error) {
    // The entry's own fault (a field the catalogue refuses), not the catalogue's.
    if (error.code() != ErrorCode::kInvalidArgument) throw;
    fail(result, error.what());
  }
}

void IngestWriter::apply_same_content(const IngestEntry& entry, ItemId existing, Item item) {
  const std::optional<Item> old = catalog_.item(existing);
  if (!old)
    throw Error(ErrorCode::kInternal, "item " + std::to_string(existing) + " is gone from the catalogue");
  copy_picture_facts(item, *old);
  catalog_.update_metadata(existing, item);
  if (old->path != item.path)
    ++report_.num_renamed;
  else if (!same_metadata(*old, entry))
    ++report_.num_modified;
  else
    ++report_.num_unchanged;
}

void IngestWriter::apply_known_content(const PictureResult& result, Item item) {
  if (const auto bad = bad_contents_.find(result.hash); bad != bad_contents_.end())
    return fail(result, bad->second);
  const PlannedPicture& picture = plan_.pictures[result.picture_index];
  const auto vanished =
      picture.existing ? vanished_by_content_.end() : vanished_by_content_.find(result.hash);
  const bool renamed = vanished != vanished_by_content_.end();
  const std::optional<ItemId> owner =
      renamed ? std::optional(vanished->second) : catalog_.find_by_hash(result.hash);
  const std::optional<Item> old = owner ? catalog_.item(*owner) : std::nullopt;
  if (!old) return fail(result, "the item with the same content is gone; run again");
  copy_picture_facts(item, *old);
  catalog_.upsert_sharing(item, *owner);
  if (!renamed) return count_new(picture);
  catalog_.remove(*owner);
  removed_.insert(*owner);
  vanished_by_content_.erase(vanished);
  ++report_.num_renamed;
}

Item IngestWriter::item_of(const IngestEntry& entry, const PictureResult& result) const {
  Item item;
  item.key = entry.key;
  item.path = entry.path;
  set_metadata(item, entry);
  item.hash = result.hash;
  item.file_size_bytes = result.facts.size_bytes;
  item.modified_ns = result.facts.modified_ns;
  item.width_px = result.width_px;
  item.height_px = result.height_px;
  return item;
}

void IngestWriter::count_new(const PlannedPicture& picture) {
  ++(picture.existing ? report_.num_modified : report_.num_added);
}

void IngestWriter::fail(const PictureResult& result, const std::string& reason) {
  const IngestEntry& entry = source_.entries[plan_.pictures[result.picture_index].entry_index];
  report_.failures.push_back({entry.path, reason});
  ++num_failed_;
}

void IngestWriter::remove_vanished_items() {
  const std::lock_guard lock(catalog_mutex_);
  for (const ItemId id : vanished_) {
    if (removed_.contains(id)) continue;
    if (catalog_.remove(id)) ++report_.num_removed;
    changed();
  }
}

void IngestWriter::changed() {
  ++num_pending_;
  if (num_pending_ >= commit_every_ ||
      std::chrono::steady_clock::now() - last_commit_ >= kMaxTimeBetweenCommits)
    commit_locked();
}

void IngestWriter::commit() {
  const std::lock_guard lock(catalog_mutex_);
  if (num_pending_ > 0) commit_locked();
}

void IngestWriter::commit_locked() {
  catalog_.commit();
  num_pending_ = 0;
  last_commit_ = std::chrono::steady_clock::now();
}

}  // namespace vitrine::engine

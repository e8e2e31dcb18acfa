// SPDX-License-Identifier: MIT
// The part of Store that follows a writer: finds the newest state and what it has in common with an earlier
// one.
#include <string>

#include "catalog/store.h"
#include "vitrine/error.h"

namespace vitrine::catalog {
namespace {

// Between reading which segments there are and opening them, a compaction may have removed them. It takes
// long to write others, so the next attempt is all but sure to succeed.
constexpr int kMaxAttempts = 5;

}  // namespace

Store::Store(const Store& earlier)
    : folder_(earlier.folder_), options_(earlier.options_), watch_(earlier.watch_) {
  read_newest(&earlier);
  if (facts_.catalog_id != earlier.facts_.catalog_id) {
    throw Error(ErrorCode::kCorrupt, "cannot follow the catalogue '" + folder_.string() +
                                         "': another one is in its place; open it anew");
  }
}

void Store::read_newest(const Store* earlier) {
  for (int attempt = 1;; ++attempt) {
    open_for_reading();
    try {
      read_content(earlier);
      return;
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kCorrupt || attempt == kMaxAttempts || is_newest()) throw;
    }
    segments_.clear();
  }
}

std::shared_ptr<Segment> Store::open_segment(const SegmentExtent& extent, const Store* earlier) const {
  const auto known = earlier == nullptr ? nullptr : earlier->shared_segment(extent.number);
  if (known && known->extent() == extent) return known;
  if (known && known->extent().length_bytes < extent.length_bytes) {
    return std::make_shared<Segment>(*known, extent);
  }
  return std::make_shared<Segment>(segment_path(folder_, extent.number), facts_.segment_header(extent.number),
                                   extent);
}

bool Store::is_newest() const {
  if (is_writable() || is_immutable_) return true;
  const std::lock_guard lock(watch_mutex_);
  if (!watch_)
    watch_ = std::make_shared<StateWatch>(database_file(), Database::Access::kReadOnly, options_.vfs);
  return watch_->newest_state() == state_;
}

bool Store::holds_log() const {
  return reads_log_ && is_log_copied(*database_);
}

std::unique_ptr<Store> Store::newest() const {
  if (is_writable()) {
    throw Error(ErrorCode::kInvalidArgument, "cannot open the newest state of the catalogue '" +
                                                 folder_.string() +
                                                 "' from an object that writes to it: it has that state");
  }
  return std::unique_ptr<Store>(new Store(*this));
}

std::optional<CatalogChanges> Store::changes_since(std::uint64_t state) const {
  std::optional<std::vector<ItemId>> touched = log_->touched_since(state);
  if (!touched) return std::nullopt;
  return CatalogChanges{std::move(*touched)};
}

}  // namespace vitrine::catalog

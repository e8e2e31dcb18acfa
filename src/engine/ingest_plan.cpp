// SPDX-License-Identifier: MIT
#include "engine/ingest_plan.h"

#include <algorithm>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/file_reader.h"
#include "engine/item_key_set.h"
#include "engine/item_metadata.h"
#include "vitrine/error.h"

namespace vitrine::engine {
namespace {

/// The catalogue's items by path. One file may be the picture of several items.
class KnownFiles {
 public:
  explicit KnownFiles(const Catalog& catalog) : catalog_(catalog) {
    catalog.for_each_file([&](const FileState& state) { states_.push_back(state); });
    by_path_.reserve(states_.size());
    listed_.resize(states_.size());
    for (std::size_t i = 0; i < states_.size(); ++i) by_path_.emplace(states_[i].path, i);
  }

  bool empty() const { return states_.empty(); }

  struct Found {
    FileState state;
    Item item;
  };
  /// The item of the entry's key, usually the one with its path; marks it as listed.
  std::optional<Found> find(const IngestEntry& entry) {
    const auto [begin, end] = by_path_.equal_range(entry.path);
    for (auto it = begin; it != end; ++it) {
      const FileState& state = states_[it->second];
      std::optional<Item> item = catalog_.item(state.id);
      if (!item || item->key != entry.key) continue;
      listed_[it->second] = true;
      return Found{state, *std::move(item)};
    }
    const std::optional<ItemId> id = states_.empty() ? std::nullopt : catalog_.find(entry.key);
    if (!id) return std::nullopt;
    const auto state = std::lower_bound(states_.begin(), states_.end(), *id,
                                        [](const FileState& s, ItemId wanted) { return s.id < wanted; });
    std::optional<Item> item = catalog_.item(*id);
    if (state == states_.end() || state->id != *id || !item)
      throw Error(ErrorCode::kInternal, "cannot compare with the catalogue: item " + std::to_string(*id) +
                                            " is known by its key but not among its files");
    listed_[static_cast<std::size_t>(state - states_.begin())] = true;
    return Found{*state, *std::move(item)};
  }

  /// Ids of the items that no entry was found for, ascending. Items below a path that could not be read stay.
  std::vector<ItemId> not_listed(const std::vector<IngestFailure>& unreadable) const {
    const auto is_below_unreadable = [&](std::string_view path) {
      return std::any_of(unreadable.begin(), unreadable.end(), [&](const IngestFailure& failure) {
        return path.starts_with(failure.path) &&
               (path.size() == failure.path.size() || path[failure.path.size()] == '/');
      });
    };
    std::vector<ItemId> ids;
    for (std::size_t i = 0; i < states_.size(); ++i)
      if (!listed_[i] && !is_below_unreadable(states_[i].path)) ids.push_back(states_[i].id);
    return ids;
  }

 private:
  const Catalog& catalog_;
  std::vector<FileState> states_;  ///< ascending by id
  std::unordered_multimap<std::string_view, std::size_t> by_path_;
  std::vector<bool> listed_;
};

}  // namespace

std::optional<IngestPlan> plan_ingest(const Catalog& catalog, const IngestSource& source,
                                      const std::function<bool()>& should_stop) {
  constexpr std::size_t kPollEvery = 256;
  KnownFiles known(catalog);
  IngestPlan plan;
  plan.catalog_was_empty = known.empty();
  ItemKeySet keys;
  keys.reserve(source.entries.size());
  for (std::size_t i = 0; i < source.entries.size(); ++i) {
    if (i % kPollEvery == 0 && should_stop && should_stop()) return std::nullopt;
    const IngestEntry& entry = source.entries[i];
    if (!keys.insert(&entry.key).second) {
      plan.failures.push_back({entry.path, "product '" + entry.key.product + "' with picture '" +
                                               entry.key.picture + "' is already listed"});
      continue;
    }
    const auto found = known.find(entry);
    try {
      const FileFacts facts = inspect_file(entry.path);
      const bool same_file = found && found->state.path == entry.path &&
                             facts == FileFacts{found->state.file_size_bytes, found->state.modified_ns};
      if (!same_file)
        plan.pictures.push_back(found ? PlannedPicture{i, found->state.id, found->item.hash}
                                      : PlannedPicture{i, std::nullopt, {}});
      else if (!same_metadata(found->item, entry))
        plan.metadata_only.emplace_back(found->state.id, i);
      else
        ++plan.num_unchanged;
    } catch (const Error& error) {
      plan.failures.push_back({entry.path, error.what()});
    }
  }
  plan.vanished = known.not_listed(source.failures);
  return plan;
}

}  // namespace vitrine::engine

// SPDX-License-Identifier: MIT
#include "common/folder_follower.h"

#include <algorithm>
#include <span>
#include <thread>
#include <utility>

#include "common/interruption.h"
#include "vitrine/error.h"

namespace vitrine::tools {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPollInterval{100};
/// Events that follow each other closer than this belong together ...
constexpr milliseconds kQuietTime{150};
/// ... but not for longer.
constexpr milliseconds kMaxWait{600};
/// Places looked at between two commits.
constexpr std::size_t kMaxPlaces = 256;
/// A picture that fails is tried again after one, two, four and eight seconds.
constexpr int kMaxAttempts = 5;
constexpr std::chrono::seconds kFirstRetry{1};

/// Takes some places out of the set, smallest first.
std::set<std::string> take_some(std::set<std::string>& places) {
  std::set<std::string> taken;
  while (!places.empty() && taken.size() < kMaxPlaces) taken.insert(places.extract(places.begin()));
  return taken;
}

ItemChange change_of(const IngestEntry& entry) {
  ItemChange change;
  change.key = entry.key;
  change.path = entry.path;
  change.category = entry.category;
  return change;
}

bool is_gone(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::symlink_status(path, ignored).type() == std::filesystem::file_type::not_found;
}

}  // namespace

FolderFollower::FolderFollower(const std::filesystem::path& folder, IndexTarget& target,
                               const FollowOptions& options, CommitLog& log, CatalogUpkeep& upkeep)
    : folder_(folder.has_filename() ? folder : folder.parent_path()),
      target_(target),
      options_(options),
      log_(log),
      upkeep_(upkeep) {
  learn_known();
}

void FolderFollower::run(FolderWatch* watch) {
  while (!interruption_requested()) {
    collect(watch);
    add_due_retries();
    if (interruption_requested()) return;
    std::error_code error;
    if (events_.root_is_gone || !std::filesystem::is_directory(folder_, error)) {
      throw Error(ErrorCode::kNotFound, "cannot follow '" + folder_.string() +
                                            "' any longer: it was removed, moved or unmounted; the catalogue "
                                            "keeps its pictures as they were");
    }
    const bool is_due = options_.rescan_every && Clock::now() - last_rescan_ >= *options_.rescan_every;
    if (events_.lost || is_due) {
      if (watch != nullptr) watch->renew();
      events_ = {};
      rescan();
    } else if (!events_.paths.empty()) {
      bring_up_to_date(take_some(events_.paths));
    } else {
      upkeep_.idle();
    }
  }
}

// Waits for events and, after the first one, until they pause.
void FolderFollower::collect(FolderWatch* watch) {
  const bool has_more = !events_.paths.empty();
  if (watch == nullptr) {
    if (!has_more) std::this_thread::sleep_for(kPollInterval);
    return;
  }
  if (!watch->wait(has_more ? milliseconds(0) : kPollInterval, events_)) return;
  const auto deadline = Clock::now() + kMaxWait;
  while (!interruption_requested() && Clock::now() < deadline && watch->wait(kQuietTime, events_)) {
  }
}

void FolderFollower::add_due_retries() {
  for (const auto& [path, retry] : retries_)
    if (retry.due <= Clock::now()) events_.paths.insert(path);
}

// Pictures that came or changed first, so that those that went can give them what is known of their content.
FolderFollower::Plan FolderFollower::plan(const std::set<std::string>& places) const {
  Plan plan;
  std::set<std::string> listed;
  std::map<std::string, ItemKey> gone;
  for (const std::string& place : places) {
    IngestSource source = list_below(folder_, place, options_.product_rule);
    // What went while it was listed is no failure: there are events of it.
    std::erase_if(source.failures, [](const IngestFailure& failure) { return is_gone(failure.path); });
    plan.failures.insert(plan.failures.end(), source.failures.begin(), source.failures.end());
    for (const IngestEntry& entry : source.entries) {
      if (!listed.insert(relative_path(entry.path)).second) continue;
      plan.changes.push_back(change_of(entry));
      plan.paths.push_back(relative_path(entry.path));
    }
    if (!source.failures.empty() || !options_.remove_vanished) continue;
    for (auto it = known_.lower_bound(place); it != known_.end() && it->first.starts_with(place); ++it)
      if (it->first.size() == place.size() || it->first[place.size()] == '/') gone.insert(*it);
  }
  for (const auto& [path, key] : gone) {
    if (listed.contains(path)) continue;
    plan.changes.push_back({.kind = ItemChange::Kind::kRemove, .key = key});
    plan.paths.push_back(path);
  }
  return plan;
}

void FolderFollower::bring_up_to_date(const std::set<std::string>& places) {
  const Plan all = plan(places);
  std::vector<IngestFailure> failures = all.failures;
  const std::span<const ItemChange> changes(all.changes);
  for (std::size_t first = 0; first < changes.size() && !interruption_requested(); first += kMaxPlaces) {
    const auto batch = changes.subspan(first, std::min(kMaxPlaces, changes.size() - first));
    const ChangeReport report = apply_changes(target_.catalog, *target_.embedder, batch,
                                              {.num_threads = options_.num_threads,
                                               .max_pixels = options_.max_pixels,
                                               .should_stop = interruption_requested});
    auto failure = report.failures.begin();
    for (std::size_t i = 0; i < report.num_done; ++i) {
      const bool failed = failure != report.failures.end() && failure->change_index == i;
      note_result(batch[i], all.paths[first + i], failed ? &failure->reason : nullptr, failures);
      if (failed) ++failure;
    }
    commit(counts_of(report), std::exchange(failures, {}));
  }
  commit({}, std::move(failures));
}

void FolderFollower::note_result(const ItemChange& change, const std::string& path,
                                 const std::string* failure, std::vector<IngestFailure>& failures) {
  if (failure == nullptr) {
    retries_.erase(path);
    if (change.kind == ItemChange::Kind::kRemove)
      known_.erase(path);
    else
      known_[path] = change.key;
    return;
  }
  Retry& retry = retries_[path];
  retry.due = Clock::now() + kFirstRetry * (1 << retry.num_attempts);
  if (++retry.num_attempts < kMaxAttempts) return;
  failures.push_back({(folder_ / path).string(), *failure});
  retries_.erase(path);
}

void FolderFollower::commit(const CommitCounts& counts, std::vector<IngestFailure> failures) {
  const bool has_changed = counts.num_added + counts.num_modified + counts.num_removed > 0;
  if (!has_changed && failures.empty()) return;
  if (has_changed) upkeep_.note_commit();
  log_.add({std::nullopt, counts, std::move(failures)});
}

void FolderFollower::rescan() {
  last_rescan_ = Clock::now();
  const IngestSource source = list_folder(folder_, options_.product_rule);
  // An empty folder is more likely a share that is not mounted than a shop without pictures.
  if (source.entries.empty()) return;
  const IngestReport report = ingest(target_.catalog, *target_.embedder, source,
                                     {.num_threads = options_.num_threads,
                                      .remove_vanished = options_.remove_vanished,
                                      .max_pixels = options_.max_pixels,
                                      .should_stop = interruption_requested});
  learn_known();
  // What failed is told when something else happened: it may fail at each comparison.
  const CommitCounts counts = counts_of(report);
  if (counts.num_added + counts.num_modified + counts.num_removed > 0) commit(counts, report.failures);
  last_rescan_ = Clock::now();
}

void FolderFollower::learn_known() {
  known_.clear();
  const std::string prefix = folder_.string() + "/";
  std::vector<FileState> below;
  target_.catalog.for_each_file([&](const FileState& state) {
    if (state.path.starts_with(prefix)) below.push_back(state);
  });
  for (const FileState& state : below)
    if (const std::optional<Item> item = target_.catalog.item(state.id))
      known_.emplace(relative_path(state.path), item->key);
}

std::string FolderFollower::relative_path(const std::string& path) const {
  const std::size_t prefix = folder_.string().size() + 1;
  return path.size() > prefix ? path.substr(prefix) : std::string();
}

}  // namespace vitrine::tools

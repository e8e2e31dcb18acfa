// SPDX-License-Identifier: MIT
#include "inventory/duplicate_search.h"

#include <algorithm>

#include "base/parallel.h"

namespace vitrine::inventory {
namespace {

// Rows that are searched for together. Many, so that threads have enough to do; but what they find is held
// until all are done, and where a picture comes ten thousand times, each of its rows finds all others.
constexpr std::size_t kMinBatch = 16;
constexpr std::size_t kMaxBatch = 1024;
constexpr std::size_t kNeighborsInFlight = 1'000'000;

class Search {
 public:
  Search(const DuplicateRows& rows, const DuplicateLimits& limits, unsigned num_threads)
      : rows_(rows), limits_(limits), num_threads_(num_threads), grouped_(rows.ids.size()) {}

  bool run(const std::function<void(std::span<const std::size_t>)>& on_group,
           const std::function<bool(std::size_t done)>& on_progress) {
    std::size_t batch_size = kMinBatch;
    std::vector<std::vector<std::size_t>> near;
    for (std::size_t next = 0; next < rows_.ids.size();) {
      std::vector<std::size_t> batch;
      for (; next < rows_.ids.size() && batch.size() < batch_size; ++next) {
        if (!grouped_[next]) batch.push_back(next);
      }
      near.assign(batch.size(), {});
      base::parallel_for(batch.size(), num_threads_, [&](std::size_t i) { near[i] = neighbors(batch[i]); });
      std::size_t most = 1;
      for (std::size_t i = 0; i < batch.size(); ++i) {
        most = std::max(most, near[i].size());
        take_group(batch[i], near[i], on_group);
      }
      batch_size = std::clamp(kNeighborsInFlight / most, kMinBatch, std::min(2 * batch_size, kMaxBatch));
      if (on_progress && !on_progress(next)) return false;
    }
    return true;
  }

 private:
  // Rows within the limits that were in no group when the batch began, ascending, without the row itself.
  std::vector<std::size_t> neighbors(std::size_t row) const {
    HammingSearchOptions options;
    options.target_recall = limits_.target_recall;
    const std::vector<std::byte> code = rows_.index.code(rows_.ids[row]).value();
    const std::vector<float> feature = to_float({rows_.feature(row), rows_.feature_dim});
    std::vector<std::size_t> found;
    for (const Neighbor& neighbor : rows_.index.search_radius(code, limits_.max_distance, options)) {
      const auto place = std::lower_bound(rows_.ids.begin(), rows_.ids.end(), neighbor.id);
      const auto other = static_cast<std::size_t>(place - rows_.ids.begin());
      if (other == row || grouped_[other]) continue;
      if (dot(feature, rows_.feature(other)) >= limits_.min_cosine) found.push_back(other);
    }
    std::sort(found.begin(), found.end());
    return found;
  }

  void take_group(std::size_t row, const std::vector<std::size_t>& near,
                  const std::function<void(std::span<const std::size_t>)>& on_group) {
    if (grouped_[row]) return;  // by an earlier row of the batch
    std::vector<std::size_t> candidates;
    for (const std::size_t other : near) {
      if (!grouped_[other]) candidates.push_back(other);
    }
    // An earlier row can be among them only if its own search, which need not find all, missed this one.
    std::vector<std::size_t> group = {row};
    const std::vector<char> confirmed = confirm(row, candidates);
    for (std::size_t i = 0; i < candidates.size(); ++i) {
      if (confirmed[i] != 0) group.push_back(candidates[i]);
    }
    if (group.size() < 2) return;
    for (const std::size_t member : group) grouped_[member] = true;
    on_group(group);
  }

  std::vector<char> confirm(std::size_t row, std::span<const std::size_t> candidates) const {
    std::vector<char> confirmed(candidates.size(), 1);
    if (!rows_.confirm) return confirmed;
    base::parallel_for(candidates.size(), num_threads_,
                       [&](std::size_t i) { confirmed[i] = rows_.confirm(row, candidates[i]) ? 1 : 0; });
    return confirmed;
  }

  const DuplicateRows& rows_;
  DuplicateLimits limits_;
  unsigned num_threads_;
  std::vector<bool> grouped_;
};

}  // namespace

bool group_duplicates(const DuplicateRows& rows, const DuplicateLimits& limits, unsigned num_threads,
                      const std::function<void(std::span<const std::size_t>)>& on_group,
                      const std::function<bool(std::size_t done)>& on_progress) {
  return Search(rows, limits, num_threads).run(on_group, on_progress);
}

}  // namespace vitrine::inventory

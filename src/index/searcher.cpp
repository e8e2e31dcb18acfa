// SPDX-License-Identifier: MIT
#include "index/searcher.h"

#include <algorithm>
#include <bit>

#include "index/list_search.h"
#include "index/scan.h"

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

// Queries that pass over the rows together: beyond, their own state would push the rows out of the cache.
constexpr std::size_t kQueriesPerPass = 64;
// Lists that are visited before all rows are compared, to know an upper bound of the k-th distance: at most
// one of so many, or more under a filter, where a row that only seems near costs more. The queries of a batch
// share a scan, so that lists of their own would cost each of them much.
constexpr std::size_t kListsPerProbe = 512;
constexpr std::size_t kListsPerFilteredProbe = 128;
constexpr std::size_t kMinProbes = 8;
constexpr std::size_t kBatchProbes = 4;
// Looking a row up by its id costs as much as comparing this many in a scan.
constexpr std::size_t kLookUpCost = 256;
constexpr std::size_t kSelectivitySample = 512;

class Searcher {
 public:
  explicit Searcher(const SearchRequest& request)
      : request_(request),
        filter_(request.options),
        context_{request.rows, request.kernel, request.version, filter_},
        words_(request.rows.blocks().words()),
        // More neighbours than rows can be asked for, but no selection need be larger.
        k_(std::min(request.k, std::max<std::size_t>(request.num_rows, 1))) {}

  std::vector<std::vector<Neighbor>> run() {
    const std::size_t num_queries = request_.queries.size() / words_;
    const auto rule = request_.options.coarse_z ? std::nullopt : stop_rule();
    std::vector<std::vector<Neighbor>> results;
    results.reserve(num_queries);
    const auto few = few_allowed();
    for (std::size_t first = 0; first < num_queries; first += kQueriesPerPass) {
      const std::size_t count = std::min(kQueriesPerPass, num_queries - first);
      const auto queries = request_.queries.subspan(first * words_, count * words_);
      if (few) {
        look_up(*few, queries, results);
      } else if (rule) {
        for (std::size_t q = 0; q < count; ++q) {
          visit_lists(queries.subspan(q * words_, words_), *rule, results);
        }
      } else {
        compare_all(queries, results);
      }
    }
    return results;
  }

 private:
  // A filter makes the k-th row that qualifies one of many more nearest rows.
  std::optional<StopRule> stop_rule() const {
    if (request_.options.target_recall == 1 || !request_.calibration.is_measured()) return std::nullopt;
    const std::size_t k = std::max<std::size_t>(request_.k, 1);
    std::size_t max_k = k;
    if (!filter_.any_row()) {
      const double selectivity = estimate_selectivity();
      const double needed = static_cast<double>(k) / std::max(selectivity, 1e-9);
      max_k = needed > static_cast<double>(request_.num_rows) ? request_.num_rows
                                                              : static_cast<std::size_t>(needed);
    }
    if (!filter_.any_partition()) max_k = std::max(max_k, Calibration::kNeighbors.back());
    return request_.calibration.rule(request_.options.target_recall, k, max_k);
  }

  // The share of a sample of rows of wanted partitions that the filter lets pass.
  double estimate_selectivity() const {
    const ListTable& lists = request_.rows.lists();
    std::size_t num_seen = 0;
    std::size_t num_wanted = 0;
    const std::size_t num_lists = lists.size();
    for (std::size_t i = 0; i < num_lists && num_seen < kSelectivitySample; ++i) {
      // Steps of the golden ratio spread over all lists, however few of them are looked at.
      const auto index = static_cast<ListIndex>(((i + 1) * 0x9e3779b97f4a7c15 >> 32) * num_lists >> 32);
      const ListVersion* list = lists.at(index, request_.version);
      if (list == nullptr || list->num_rows == 0 || !filter_.wants_partition(lists.partition(index)))
        continue;
      const Extent first = list->extents().front();
      for (unsigned live = list->live()[0]; live != 0; live &= live - 1) {
        const auto row = static_cast<Slot>(std::countr_zero(live));
        num_wanted +=
            filter_.wants_row(request_.rows.blocks(), first.first * static_cast<Slot>(kRowsPerBlock) + row)
                ? 1
                : 0;
        ++num_seen;
      }
    }
    return num_seen == 0 ? 1 : static_cast<double>(num_wanted) / static_cast<double>(num_seen);
  }

  NearestSelection selection(std::uint32_t max_distance) const {
    return NearestSelection(request_.rows.blocks(), k_, max_distance);
  }

  void visit_lists(std::span<const std::uint64_t> query, const StopRule& rule,
                   std::vector<std::vector<Neighbor>>& results) {
    NearestSelection found = selection(request_.max_distance);
    ListSearch(context_, query, found).visit_near(rule);
    results.push_back(found.take());
  }

  void compare_all(std::span<const std::uint64_t> queries, std::vector<std::vector<Neighbor>>& results) {
    std::vector<NearestSelection> selections;
    for (std::size_t q = 0; q < queries.size(); q += words_) {
      selections.push_back(selection(bound(queries.subspan(q, words_), queries.size() > words_)));
    }
    Scanner(context_, queries, selections).scan_all(request_.options.coarse_z);
    for (NearestSelection& found : selections) results.push_back(found.take());
  }

  // An upper bound of the k-th distance, so that a scan meets few rows that only seem near at first.
  std::uint32_t bound(std::span<const std::uint64_t> query, bool in_batch) {
    if (request_.k == 0 || !request_.calibration.is_measured()) return request_.max_distance;
    const std::size_t share = filter_.any_row() ? kListsPerProbe : kListsPerFilteredProbe;
    const std::size_t num_probes =
        in_batch ? kBatchProbes : std::max(request_.rows.lists().size() / share, kMinProbes);
    NearestSelection near = selection(request_.max_distance);
    ListSearch(context_, query, near).probe(num_probes);
    return near.limit();
  }

  // The slots of all allowed rows, if these are so few that looking them up is the fastest. Rows change
  // places while we look: one that is not where this version has it makes us give up, and so does any change
  // of the map since this version, because it may have lost a row that this version has.
  std::optional<std::vector<Slot>> few_allowed() const {
    const auto& allowed = filter_.allowed_ids();
    if (!allowed || !filter_.any_partition()) return std::nullopt;
    std::size_t count = 0;
    for (const std::uint64_t word : *allowed) count += static_cast<std::size_t>(std::popcount(word));
    if (count > request_.num_rows / kLookUpCost) return std::nullopt;
    if (!request_.rows.maps(request_.version)) return std::nullopt;
    std::vector<Slot> slots;
    for (std::size_t i = 0; i < allowed->size(); ++i) {
      for (std::uint64_t word = (*allowed)[i]; word != 0; word &= word - 1) {
        const auto slot = request_.rows.find(i * 64 + static_cast<unsigned>(std::countr_zero(word)));
        if (!slot) continue;
        if (!request_.rows.is_live(*slot, request_.version)) return std::nullopt;
        slots.push_back(*slot);
      }
    }
    if (!request_.rows.maps(request_.version)) return std::nullopt;
    return slots;
  }

  void look_up(const std::vector<Slot>& slots, std::span<const std::uint64_t> queries,
               std::vector<std::vector<Neighbor>>& results) const {
    std::vector<std::uint64_t> code(words_);
    std::vector<NearestSelection> selections(queries.size() / words_, selection(request_.max_distance));
    for (const Slot slot : slots) {
      if (!filter_.wants_row(request_.rows.blocks(), slot)) continue;
      request_.rows.blocks().read_code(slot, code.data());
      for (std::size_t q = 0; q < selections.size(); ++q) {
        unsigned distance = 0;
        for (std::size_t word = 0; word < words_; ++word) {
          distance += static_cast<unsigned>(std::popcount(code[word] ^ queries[q * words_ + word]));
        }
        const auto checked = static_cast<std::uint16_t>(distance);
        if (selections[q].accepts(slot, checked)) selections[q].add(slot, checked);
      }
    }
    for (NearestSelection& found : selections) results.push_back(found.take());
  }

  const SearchRequest& request_;
  RowFilter filter_;
  SearchContext context_;
  std::size_t words_;
  std::size_t k_;
};

}  // namespace

std::vector<std::vector<Neighbor>> search(const SearchRequest& request) {
  return Searcher(request).run();
}

}  // namespace vitrine::index

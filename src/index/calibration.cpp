// SPDX-License-Identifier: MIT
#include "index/calibration.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>

#include "index/list_search.h"

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

constexpr std::size_t kQueriesPerScan = 64;
// The sample is finite: aim a little higher, by this part of what is missing to recall 1.
constexpr double kSafety = 0.1;

unsigned distance(const std::uint64_t* left, const std::uint64_t* right, std::size_t words) {
  int sum = 0;
  for (std::size_t word = 0; word < words; ++word) sum += std::popcount(left[word] ^ right[word]);
  return static_cast<unsigned>(sum);
}

// A row as a query, and its true neighbours but itself.
struct Sample {
  RowId id;
  std::vector<std::uint64_t> code;
  std::vector<Neighbor> neighbors;
};

std::vector<Sample> draw(const RowLists& rows, std::size_t num_queries, std::uint64_t seed) {
  std::vector<ListIndex> lists;
  std::vector<std::size_t> ends;  // of each list's rows, counted through
  std::size_t num_rows = 0;
  for (std::size_t i = 0; i < rows.lists().size(); ++i) {
    const auto list = static_cast<ListIndex>(i);
    if (rows.num_rows(list) == 0) continue;
    lists.push_back(list);
    ends.push_back(num_rows += rows.num_rows(list));
  }
  std::mt19937_64 random(seed);
  std::vector<Sample> samples;
  for (std::size_t i = 0; i < num_queries && num_rows != 0; ++i) {
    const std::size_t row = random() % num_rows;
    const auto place = std::upper_bound(ends.begin(), ends.end(), row) - ends.begin();
    const ListIndex list = lists[static_cast<std::size_t>(place)];
    const Slot slot = rows.slots(list)[row - (ends[static_cast<std::size_t>(place)] - rows.num_rows(list))];
    Sample& sample = samples.emplace_back(Sample{rows.blocks().id(slot), {}, {}});
    sample.code.resize(rows.blocks().words());
    rows.blocks().read_code(slot, sample.code.data());
  }
  return samples;
}

void find_neighbors(const SearchContext& context, std::span<Sample> samples, std::size_t count) {
  const BlockStore& blocks = context.rows.blocks();
  for (std::size_t first = 0; first < samples.size(); first += kQueriesPerScan) {
    const auto part = samples.subspan(first, std::min(kQueriesPerScan, samples.size() - first));
    std::vector<std::uint64_t> queries;
    for (const Sample& sample : part) queries.insert(queries.end(), sample.code.begin(), sample.code.end());
    std::vector<NearestSelection> selections(
        part.size(), NearestSelection(blocks, count + 1, static_cast<std::uint32_t>(blocks.words() * 64)));
    Scanner(context, queries, selections).scan_all();
    for (std::size_t i = 0; i < part.size(); ++i) {
      part[i].neighbors = selections[i].take();
      std::erase_if(part[i].neighbors, [&](const Neighbor& found) { return found.id == part[i].id; });
      part[i].neighbors.resize(std::min(count, part[i].neighbors.size()));
    }
  }
}

// For every true neighbour among the first k, ascending: by how much the distance of its list's centroid
// exceeds that of the k-th neighbour.
std::vector<int> excesses(const SearchContext& context, std::span<const Sample> samples, std::size_t k) {
  const RowLists& rows = context.rows;
  std::vector<int> found;
  std::vector<std::uint64_t> centroid(rows.blocks().words());
  for (const Sample& sample : samples) {
    const std::size_t count = std::min(k, sample.neighbors.size());
    for (std::size_t i = 0; i < count; ++i) {
      const ListIndex list = rows.blocks().owner(*rows.find(sample.neighbors[i].id) / kRowsPerBlock);
      if (!rows.lists().has_centroid(list)) {
        found.push_back(std::numeric_limits<int>::min() / 2);  // always visited
        continue;
      }
      rows.lists().read_centroid(list, centroid.data());
      found.push_back(static_cast<int>(distance(sample.code.data(), centroid.data(), centroid.size())) -
                      static_cast<int>(sample.neighbors[count - 1].distance));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

double measure_recall(const SearchContext& context, std::span<const Sample> samples, std::size_t k,
                      int margin) {
  const BlockStore& blocks = context.rows.blocks();
  std::size_t num_found = 0;
  std::size_t num_true = 0;
  for (const Sample& sample : samples) {
    const std::size_t count = std::min(k, sample.neighbors.size());
    if (count == 0) continue;
    NearestSelection selection(blocks, count + 1, static_cast<std::uint32_t>(blocks.words() * 64));
    ListSearch(context, sample.code, selection).visit_near(margin);
    num_true += count;
    // Rows as near as the last true neighbour are as good as that.
    std::size_t num_good = 0;
    for (const Neighbor& found : selection.take()) {
      num_good += found.id != sample.id && found.distance <= sample.neighbors[count - 1].distance ? 1 : 0;
    }
    num_found += std::min(num_good, count);
  }
  return num_true == 0 ? 1.0 : static_cast<double>(num_found) / static_cast<double>(num_true);
}

}  // namespace

void Calibration::measure(const RowLists& rows, const hamming::Kernel& kernel, std::size_t num_queries,
                          std::uint64_t seed) {
  const auto pin = rows.pin();
  const RowFilter everything{HammingSearchOptions{}};
  const SearchContext context{rows, kernel, pin.version(), everything};
  std::vector<Sample> samples = draw(rows, num_queries, seed);
  find_neighbors(context, samples, kNeighbors.back());
  for (std::size_t k = 0; k < kNeighbors.size(); ++k) {
    const std::vector<int> sorted = excesses(context, samples, kNeighbors[k]);
    for (std::size_t target = 0; target < kTargets.size(); ++target) {
      const double share = kTargets[target] + kSafety * (1 - kTargets[target]);
      const auto index = static_cast<std::size_t>(std::ceil(share * static_cast<double>(sorted.size())));
      const int margin = sorted.empty() ? 0 : sorted[std::min(index, sorted.size() - 1)];
      margins_[k][target].store(margin, std::memory_order_relaxed);
      if (k == 1) {
        achieved_[target].store(measure_recall(context, samples, kNeighbors[k], margin),
                                std::memory_order_relaxed);
      }
    }
  }
  num_rows_.store(std::max<std::size_t>(rows.size(), 1), std::memory_order_release);
}

std::optional<int> Calibration::margin(double target_recall, std::size_t k) const {
  const auto target = std::lower_bound(kTargets.begin(), kTargets.end(), target_recall);
  if (target == kTargets.end() || !is_measured()) return std::nullopt;
  const auto index = static_cast<std::size_t>(target - kTargets.begin());
  // Of the kept numbers of neighbours around k, the one that needs more.
  const auto above = std::lower_bound(kNeighbors.begin(), kNeighbors.end(), k);
  const std::size_t last =
      std::min<std::size_t>(static_cast<std::size_t>(above - kNeighbors.begin()), kNeighbors.size() - 1);
  const std::size_t first = last == 0 || kNeighbors[last] == k ? last : last - 1;
  return std::max(margins_[first][index].load(std::memory_order_relaxed),
                  margins_[last][index].load(std::memory_order_relaxed));
}

}  // namespace vitrine::index

// SPDX-License-Identifier: MIT
#include "index/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <unordered_map>

#include "index/list_gain.h"
#include "index/list_search.h"

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

constexpr std::size_t kQueriesPerScan = 64;
constexpr std::size_t kRowsPerQuery = 64;
// The sample is finite: aim a little higher, by this part of what is missing to recall 1.
constexpr double kSafety = 0.25;
// Neighbours that a query is mixed from, and lists looked through for them.
constexpr std::size_t kMixedNeighbors = 10;
constexpr std::size_t kMixedLists = 8;
// Rules that are tried: of k neighbours, a list must be expected to hold k / 2 to k / 2^13. Between two gains
// a factor of two apart the rules are interpolated, because the table of gains is coarse.
constexpr int kNumGains = 13;
constexpr int kStepsPerGain = 6;
constexpr int kNumSteps = (kNumGains - 1) * kStepsPerGain + 1;

StopRule rule_of(const ListGain& gains, std::size_t k, int step) {
  const double gain = static_cast<double>(k) / 2 * std::pow(0.5, step / kStepsPerGain);
  StopRule made = gains.rule(gain);
  const StopRule next = gains.rule(gain / 2);
  for (std::size_t range = 0; range < StopRule::kNumRanges; ++range) {
    const int difference = next.margins[range] - made.margins[range];
    made.margins[range] =
        static_cast<std::int16_t>(made.margins[range] + difference * (step % kStepsPerGain) / kStepsPerGain);
  }
  return made;
}

// A query near a row, and its true neighbours.
struct Sample {
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
    const auto place =
        static_cast<std::size_t>(std::upper_bound(ends.begin(), ends.end(), row) - ends.begin());
    const std::vector<Slot> slots = rows.slots(lists[place]);
    const Slot slot = slots[row + slots.size() - ends[place]];
    Sample& sample = samples.emplace_back();
    sample.code.resize(rows.blocks().words());
    rows.blocks().read_code(slot, sample.code.data());
  }
  return samples;
}

void mix(const SearchContext& context, std::span<const Neighbor> rows, std::mt19937_64& random,
         std::vector<std::uint64_t>& code) {
  std::vector<std::uint64_t> codes(rows.size() * code.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    context.rows.blocks().read_code(*context.rows.find(rows[i].id), codes.data() + i * code.size());
  }
  for (std::size_t bit = 0; bit < code.size() * 64; ++bit) {
    const std::uint64_t mask = std::uint64_t{1} << (bit % 64);
    const std::uint64_t taken = codes[random() % rows.size() * code.size() + bit / 64];
    code[bit / 64] = (code[bit / 64] & ~mask) | (taken & mask);
  }
}

// Rows know their own list too well, and queries are often strangers. So a quarter of the sample take each
// bit from a random one of a row's neighbours: they are as far from these as these from each other, and
// differ where they do. The others are rows with noise of an eighth to a half of the distance to those
// neighbours.
void move_away(const SearchContext& context, std::span<Sample> samples, std::uint64_t seed) {
  const BlockStore& blocks = context.rows.blocks();
  const std::size_t words = blocks.words();
  std::mt19937_64 random(seed);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    std::vector<std::uint64_t>& code = samples[i].code;
    NearestSelection near(blocks, kMixedNeighbors, static_cast<std::uint32_t>(words * 64));
    ListSearch(context, code, near).visit_nearest(kMixedLists);
    const std::vector<Neighbor> found = near.take();
    if (found.empty()) continue;
    constexpr std::array<double, 4> kNoise = {0, 0.125, 0.25, 0.5};
    const auto noise = static_cast<std::size_t>(kNoise[i % kNoise.size()] * found.back().distance);
    for (std::size_t flips = 0; flips < noise; ++flips) {
      const std::size_t bit = random() % (words * 64);
      code[bit / 64] ^= std::uint64_t{1} << (bit % 64);
    }
    if (i % kNoise.size() == 0) mix(context, found, random, code);
  }
}

void find_neighbors(const SearchContext& context, std::span<Sample> samples, std::size_t count) {
  const BlockStore& blocks = context.rows.blocks();
  for (std::size_t first = 0; first < samples.size(); first += kQueriesPerScan) {
    const auto part = samples.subspan(first, std::min(kQueriesPerScan, samples.size() - first));
    std::vector<std::uint64_t> queries;
    for (const Sample& sample : part) queries.insert(queries.end(), sample.code.begin(), sample.code.end());
    std::vector<NearestSelection> selections(
        part.size(), NearestSelection(blocks, count, static_cast<std::uint32_t>(blocks.words() * 64)));
    Scanner(context, queries, selections).scan_all();
    for (std::size_t i = 0; i < part.size(); ++i) part[i].neighbors = selections[i].take();
  }
}

ListGain measure_gain(const SearchContext& context, std::span<const Sample> samples, std::size_t k) {
  const RowLists& rows = context.rows;
  ListGain gain(rows.blocks().words() * 64);
  for (const Sample& sample : samples) {
    const std::size_t count = std::min(k, sample.neighbors.size());
    if (count == 0) continue;
    std::unordered_map<ListIndex, std::size_t> num_neighbors;
    for (std::size_t i = 0; i < count; ++i) {
      ++num_neighbors[rows.blocks().owner(*rows.find(sample.neighbors[i].id) / kRowsPerBlock)];
    }
    NearestSelection unused(rows.blocks(), 1, 0);
    for (const ListDistance& found : ListSearch(context, sample.code, unused).all_lists()) {
      const auto holds = num_neighbors.find(found.list);
      gain.add(sample.neighbors[count - 1].distance, found.distance, 1,
               holds == num_neighbors.end() ? 0 : holds->second);
    }
  }
  gain.finish();
  return gain;
}

double measure_recall(const SearchContext& context, std::span<const Sample> samples, std::size_t k,
                      const StopRule& rule) {
  const BlockStore& blocks = context.rows.blocks();
  std::size_t num_found = 0;
  std::size_t num_true = 0;
  for (const Sample& sample : samples) {
    const std::size_t count = std::min(k, sample.neighbors.size());
    if (count == 0) continue;
    NearestSelection selection(blocks, count, static_cast<std::uint32_t>(blocks.words() * 64));
    ListSearch(context, sample.code, selection).visit_near(rule);
    num_true += count;
    // Rows as near as the last true neighbour are as good as that.
    std::size_t num_good = 0;
    for (const Neighbor& found : selection.take()) {
      num_good += found.distance <= sample.neighbors[count - 1].distance ? 1 : 0;
    }
    num_found += num_good;
  }
  return num_true == 0 ? 1.0 : static_cast<double>(num_found) / static_cast<double>(num_true);
}

}  // namespace

void Calibration::store(Rule& rule, const StopRule& found, double achieved_recall, double target) noexcept {
  for (std::size_t range = 0; range < StopRule::kNumRanges; ++range) {
    rule.margins[range].store(found.margins[range], std::memory_order_relaxed);
  }
  rule.achieved_recall.store(achieved_recall, std::memory_order_relaxed);
  rule.reaches_target.store(achieved_recall >= target, std::memory_order_relaxed);
}

void Calibration::measure(const RowLists& rows, const hamming::Kernel& kernel, std::size_t num_queries,
                          std::uint64_t seed) {
  const auto pin = rows.pin();
  const RowFilter everything{HammingSearchOptions{}};
  const SearchContext context{rows, kernel, pin.version(), everything};
  // A small index needs no great precision.
  const std::size_t num_useful = rows.size() / kRowsPerQuery + 1;
  std::vector<Sample> samples = draw(rows, std::min(num_queries, num_useful), seed);
  move_away(context, samples, seed);
  find_neighbors(context, samples, kNeighbors.back());
  code_bits_.store(rows.blocks().words() * 64, std::memory_order_relaxed);
  for (std::size_t k = 0; k < kNeighbors.size(); ++k) {
    const ListGain gains = measure_gain(context, samples, kNeighbors[k]);
    // The usual number of neighbours gets the best estimate.
    const std::size_t num_tried =
        samples.size() < 2 * kQueriesPerScan || k == kUsual ? samples.size() : samples.size() / 4;
    std::map<int, double> recalls;  // by step
    const auto recall = [&](int step) {
      const auto [place, is_new] = recalls.try_emplace(step, 0);
      if (is_new) {
        place->second = measure_recall(context, std::span(samples).first(num_tried), kNeighbors[k],
                                       rule_of(gains, kNeighbors[k], step));
      }
      return place->second;
    };
    for (std::size_t target = 0; target < kTargets.size(); ++target) {
      const double wanted = kTargets[target] + kSafety * (1 - kTargets[target]);
      int low = -1;  // not enough
      int high = kNumSteps - 1;
      while (high - low > 1) {
        const int middle = (low + high) / 2;
        (recall(middle) >= wanted ? high : low) = middle;
      }
      store(rules_[k][target], rule_of(gains, kNeighbors[k], high), recall(high), kTargets[target]);
    }
  }
  num_rows_.store(std::max<std::size_t>(rows.size(), 1), std::memory_order_release);
}

std::optional<StopRule> Calibration::rule(double target_recall, std::size_t min_k, std::size_t max_k) const {
  const auto target = std::lower_bound(kTargets.begin(), kTargets.end(), target_recall);
  const auto above = std::lower_bound(kNeighbors.begin(), kNeighbors.end(), max_k);
  if (target == kTargets.end() || above == kNeighbors.end() || !is_measured()) return std::nullopt;
  const auto last = static_cast<std::size_t>(above - kNeighbors.begin());
  const auto beyond = std::upper_bound(kNeighbors.begin(), kNeighbors.end(), min_k);
  const auto first = static_cast<std::size_t>(std::max<std::ptrdiff_t>(beyond - kNeighbors.begin() - 1, 0));
  // Between the kept numbers of neighbours, visit what any of the ones around would visit.
  StopRule rule;
  rule.code_bits = code_bits_.load(std::memory_order_relaxed);
  rule.margins.fill(std::numeric_limits<std::int16_t>::min());
  for (std::size_t k = first; k <= last; ++k) {
    const Rule& found = rules_[k][static_cast<std::size_t>(target - kTargets.begin())];
    if (!found.reaches_target.load(std::memory_order_relaxed)) return std::nullopt;
    for (std::size_t range = 0; range < StopRule::kNumRanges; ++range) {
      rule.margins[range] =
          std::max(rule.margins[range], found.margins[range].load(std::memory_order_relaxed));
    }
  }
  return rule;
}

}  // namespace vitrine::index

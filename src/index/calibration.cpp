// SPDX-License-Identifier: MIT
#include "index/calibration.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <random>
#include <vector>

#include "index/list_gain.h"
#include "index/list_search.h"
#include "index/search_replay.h"

namespace vitrine::index {
namespace {

using hamming::kRowsPerBlock;

constexpr std::size_t kQueriesPerScan = 64;
constexpr std::size_t kRowsPerQuery = 64;
// The sample is finite: aim a little higher, by this part of what is missing to recall 1.
constexpr double kSafety = 0.2;
// Rows that the noise of a query is measured by, and lists looked through for them.
constexpr std::size_t kNoiseNeighbors = 10;
constexpr std::size_t kNoiseLists = 8;
// The noise of each kind of query, as a part of the distance to these.
constexpr std::array<double, 3> kNoise = {0, 0.25, 1.0};
constexpr std::size_t kNumKinds = kNoise.size();
// Queries that a mean of their recall may be taken from.
constexpr std::size_t kMinGroup = 12;
// Rows known of each query: more than are searched for, because a search holds others at first.
constexpr std::size_t kKnownRows = Calibration::kNeighbors.back() * 5 / 4;
// Rules that are tried: of k neighbours, a list must be expected to hold k / 2 to k / 2^16. Between two gains
// a factor of two apart the rules are interpolated, because the table of gains is coarse.
constexpr int kNumGains = 16;
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

// A query and what there is to know about it.
struct Sample {
  std::vector<std::uint64_t> code;
  std::size_t kind;                        // of noise
  std::vector<NearRow> rows{};             // the nearest
  std::vector<std::uint32_t> num_lists{};  // by the distance of their centroid
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
    Sample& sample = samples.emplace_back(Sample{.code = {}, .kind = i % kNumKinds});
    sample.code.resize(rows.blocks().words());
    rows.blocks().read_code(slot, sample.code.data());
  }
  return samples;
}

// Rows know their own list too well, and queries are often strangers, farther from everything: two thirds of
// the sample are rows with noise, little or much. The more rows there are, the nearer are a row's neighbours,
// and the farther, by that measure, are queries that come from elsewhere.
void move_away(const SearchContext& context, std::span<Sample> samples, std::uint64_t seed) {
  const BlockStore& blocks = context.rows.blocks();
  const std::size_t code_bits = blocks.words() * 64;
  std::mt19937_64 random(seed);
  for (Sample& sample : samples) {
    if (kNoise[sample.kind] == 0) continue;
    NearestSelection near(blocks, kNoiseNeighbors, static_cast<std::uint32_t>(code_bits));
    ListSearch(context, sample.code, near).visit_nearest(kNoiseLists);
    const std::vector<Neighbor> found = near.take();
    const std::size_t noise =
        found.empty()
            ? 0
            : static_cast<std::size_t>(kNoise[sample.kind] * static_cast<double>(found.back().distance));
    for (std::size_t flips = 0; flips < noise; ++flips) {
      const std::size_t bit = random() % code_bits;
      sample.code[bit / 64] ^= std::uint64_t{1} << (bit % 64);
    }
  }
}

// The nearest rows of each query by comparing all, and how far the centroids are.
void find_rows(const SearchContext& context, std::span<Sample> samples) {
  const RowLists& rows = context.rows;
  const auto code_bits = static_cast<std::uint32_t>(rows.blocks().words() * 64);
  for (std::size_t first = 0; first < samples.size(); first += kQueriesPerScan) {
    const auto part = samples.subspan(first, std::min(kQueriesPerScan, samples.size() - first));
    std::vector<std::uint64_t> queries;
    for (const Sample& sample : part) queries.insert(queries.end(), sample.code.begin(), sample.code.end());
    std::vector<NearestSelection> selections(part.size(),
                                             NearestSelection(rows.blocks(), kKnownRows, code_bits));
    Scanner(context, queries, selections).scan_all();
    for (std::size_t i = 0; i < part.size(); ++i) {
      part[i].num_lists.resize(code_bits + 1);
      NearestSelection unused(rows.blocks(), 1, 0);
      std::vector<std::uint16_t> centroids(rows.lists().size());  // their distances
      for (const ListDistance& found : ListSearch(context, part[i].code, unused).all_lists()) {
        ++part[i].num_lists[found.distance];
        centroids[found.list] = found.distance;
      }
      for (const Neighbor& row : selections[i].take()) {
        const ListIndex list = rows.blocks().owner(*rows.find(row.id) / kRowsPerBlock);
        part[i].rows.push_back({static_cast<std::uint16_t>(row.distance), centroids[list], list});
      }
    }
  }
}

ListGain measure_gain(std::span<const Sample> samples, std::size_t k, std::size_t code_bits) {
  ListGain gain(code_bits);
  std::vector<std::size_t> num_neighbors(code_bits + 1);
  for (const Sample& sample : samples) {
    const std::size_t count = std::min(k, sample.rows.size());
    std::fill(num_neighbors.begin(), num_neighbors.end(), 0);
    for (std::size_t i = 0; i < count; ++i) ++num_neighbors[sample.rows[i].centroid_distance];
    for (std::size_t distance = 0; distance <= code_bits; ++distance) {
      if (sample.num_lists[distance] == 0) continue;
      gain.add(sample.rows[count - 1].distance, distance, sample.num_lists[distance],
               num_neighbors[distance]);
    }
  }
  gain.finish();
  return gain;
}

// The recall to be expected of queries that nobody has seen yet. Of queries whose k-th rows are equally far,
// any kind of noise may be the hardest, depending on the data; and far queries are harder than near ones. So
// recall is estimated for each range of the k-th distance by the hardest kind, and the mean is taken over the
// ranges as each kind is spread over them; the lowest one counts.
class ExpectedRecall {
 public:
  ExpectedRecall(std::span<const Sample> samples, std::size_t k, std::size_t code_bits) {
    for (const Sample& sample : samples) {
      const SearchReplay& replay = replays_.emplace_back(sample.rows, k);
      // Two ranges of the stop rule: with one, a sample would be spread too thinly.
      groups_.push_back(StopRule::range(replay.kth_distance(), code_bits) / 2);
      kinds_.push_back(sample.kind);
    }
  }

  double operator()(const StopRule& rule) const {
    std::array<std::array<Mean, kNumKinds>, StopRule::kNumRanges> means{};
    std::array<double, kNumKinds> num_queries{};
    for (std::size_t i = 0; i < replays_.size(); ++i) {
      Mean& mean = means[groups_[i]][kinds_[i]];
      mean.sum += replays_[i].recall(rule);
      ++mean.count;
      ++num_queries[kinds_[i]];
    }
    std::array<double, kNumKinds> sums{};
    for (const auto& range : means) {
      Mean pooled;
      double lowest = 1;
      for (const Mean& mean : range) {
        pooled.sum += mean.sum;
        pooled.count += mean.count;
        if (mean.count >= kMinGroup) lowest = std::min(lowest, mean.sum / mean.count);
      }
      const double recall = std::min(lowest, pooled.sum / std::max(pooled.count, 1.0));
      for (std::size_t kind = 0; kind < kNumKinds; ++kind) sums[kind] += recall * range[kind].count;
    }
    double lower = 1;
    for (std::size_t kind = 0; kind < sums.size(); ++kind) {
      if (num_queries[kind] > 0) lower = std::min(lower, sums[kind] / num_queries[kind]);
    }
    return lower;
  }

 private:
  struct Mean {
    double sum = 0;
    double count = 0;
  };
  std::vector<SearchReplay> replays_;
  std::vector<std::size_t> groups_;  // by query
  std::vector<std::size_t> kinds_;   // by query
};

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
  find_rows(context, samples);
  std::erase_if(samples, [](const Sample& sample) { return sample.rows.empty(); });
  const std::size_t code_bits = rows.blocks().words() * 64;
  code_bits_.store(code_bits, std::memory_order_relaxed);
  for (std::size_t k = 0; k < kNeighbors.size(); ++k) {
    const ListGain gains = measure_gain(samples, kNeighbors[k], code_bits);
    const ExpectedRecall expected(samples, kNeighbors[k], code_bits);
    std::map<int, double> recalls;  // by step
    const auto recall = [&](int step) {
      const auto [place, is_new] = recalls.try_emplace(step, 0);
      if (is_new) place->second = expected(rule_of(gains, kNeighbors[k], step));
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

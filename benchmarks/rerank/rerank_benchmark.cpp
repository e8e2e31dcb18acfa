// SPDX-License-Identifier: MIT
// How long re-ranking takes where rows are cold: by halves, as a search does it; by eight bits a number; by
// eight bits and then halves for the few best. And the whole stage of a search with a trained ranker.
// docs/benchmarks.md has the figures.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "index/random.h"
#include "index/table.h"
#include "rank/int8_kernel.h"
#include "vitrine/quality_ranker.h"
#include "vitrine/quality_ranking.h"
#include "vitrine/rerank.h"
#include "vitrine/rerank_int8.h"

namespace vitrine::benchmarks {
namespace {

constexpr std::size_t kDim = 512;
constexpr std::size_t kCandidates = 1000;
constexpr std::size_t kStageCandidates = 1200;
constexpr std::size_t kRanked = 60;
constexpr std::size_t kBest = 10;
constexpr std::uint64_t kSeed = 1;

void normalise(std::span<float> feature) {
  double squares = 0;
  for (const float x : feature) squares += double{x} * x;
  for (float& x : feature) x /= static_cast<float>(std::sqrt(squares));
}

/// Rows of normal numbers, each drawn a little towards one direction: candidates of its query.
struct Rows {
  explicit Rows(std::size_t count) : halves(count * kDim), numbers(count * kDim), query(kDim) {
    Random(kSeed, count).fill_normal(query);
    normalise(query);
    std::vector<float> row(kDim);
    for (std::size_t i = 0; i < count; ++i) {
      Random random(kSeed, i);
      const double cosine = 0.3 + 0.5 * random.uniform();
      random.fill_normal(row);
      normalise(row);
      const double rest = std::sqrt(1 - cosine * cosine);
      for (std::size_t d = 0; d < kDim; ++d) row[d] = static_cast<float>(cosine * query[d] + rest * row[d]);
      normalise(row);
      const std::vector<Half> half = to_half(row);
      std::copy(half.begin(), half.end(), halves.begin() + static_cast<std::ptrdiff_t>(i * kDim));
      to_int8(row, std::span(numbers).subspan(i * kDim, kDim));
    }
  }
  std::size_t size() const { return halves.size() / kDim; }

  std::vector<Half> halves;
  std::vector<std::int8_t> numbers;
  std::vector<float> query;
};

struct Candidates {
  Candidates(const Rows& rows, std::size_t count, std::uint64_t stream) {
    Random random(kSeed + 1, stream);
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t row = random.below(rows.size());
      halves.push_back(&rows.halves[row * kDim]);
      numbers.push_back(&rows.numbers[row * kDim]);
    }
  }
  std::vector<const Half*> halves;
  std::vector<const std::int8_t*> numbers;
};

std::vector<std::size_t> places(const std::vector<RankedCandidate>& ranked) {
  std::vector<std::size_t> result;
  for (const RankedCandidate& one : ranked) result.push_back(one.candidate_index);
  return result;
}

double overlap(std::vector<std::size_t> expected, const std::vector<std::size_t>& found) {
  const auto common = std::count_if(found.begin(), found.begin() + kBest, [&](std::size_t place) {
    return std::find(expected.begin(), expected.end(), place) != expected.end();
  });
  return static_cast<double>(common) / kBest;
}

template <typename Step>
double microseconds(const Step& step) {
  const auto start = std::chrono::steady_clock::now();
  step();
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count();
}

double median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2),
                   values.end());
  return values[values.size() / 2];
}

/// As large as training lets them become by default: 200 trees of 16 leaves over six columns.
QualityRanker large_ranker() {
  constexpr std::size_t kInner = 15, kNodes = 31, kColumns = 6;
  QualityRanker::Parts parts;
  for (std::size_t i = 0; i < kColumns; ++i) {
    ColumnScale& scale = parts.scales.emplace_back();
    scale.name = "c" + std::to_string(i);
    for (int step = 0; step <= 100; ++step) scale.quantiles.push_back(step);
  }
  Random random(kSeed, 0);
  for (int t = 0; t < 200; ++t) {
    RankerTree& tree = parts.trees.emplace_back(kNodes);
    for (std::uint32_t i = 0; i < kNodes; ++i) {
      tree[i].value = random.uniform() - 0.5;
      if (i >= kInner) continue;
      tree[i].feature = static_cast<std::int32_t>(random.below(kNumVisualFeatures + 2 * kColumns));
      tree[i].threshold = static_cast<float>(random.uniform());
      tree[i].below = 2 * i + 1;
      tree[i].at_least = 2 * i + 2;
    }
  }
  return QualityRanker(std::move(parts));
}

// What a search with a trained ranker does between the nearest codes and the hits.
void rank(const Rows& rows, const Candidates& candidates, const QualityRanker& ranker) {
  const auto nearest = rerank_by_cosine(rows.query, candidates.halves, kRanked);
  std::vector<RankerInput> hits;
  std::vector<double> similarities, qualities;
  for (const RankedCandidate& one : nearest) {
    hits.push_back({one.cosine, 0.2, std::vector<std::optional<double>>(ranker.scales().size())});
    for (std::size_t i = 0; i < hits.back().values.size(); ++i)
      hits.back().values[i] = static_cast<double>((one.candidate_index * (i + 3)) % 100);
    similarities.push_back(one.cosine);
  }
  for (const RankerJudgement& one : ranker.judge(hits)) qualities.push_back(one.quality);
  if (quality_order(similarities, qualities, {.strength = 0.1}).size() != kRanked) std::abort();
}

void run(std::size_t num_rows, std::size_t num_rounds) {
  const Rows rows(num_rows);
  const QualityRanker ranker = large_ranker();
  std::vector<double> half_us, int8_us, both_us, stage_us;
  double int8_overlap = 0, both_overlap = 0;
  for (std::size_t round = 0; round < num_rounds; ++round) {
    // Each way gets candidates of its own, or the first one would warm the rows of the next.
    const Candidates candidates(rows, kCandidates, 4 * round);
    const Candidates other(rows, kCandidates, 4 * round + 1);
    const Candidates third(rows, kCandidates, 4 * round + 2);
    const Candidates many(rows, kStageCandidates, 4 * round + 3);
    std::vector<RankedCandidate> by_int8, by_both;
    half_us.push_back(microseconds([&] { rerank_by_cosine(rows.query, candidates.halves, kBest); }));
    int8_us.push_back(microseconds([&] { by_int8 = rerank_by_int8(rows.query, other.numbers, kBest); }));
    both_us.push_back(microseconds(
        [&] { by_both = rerank_by_int8_then_cosine(rows.query, third.numbers, third.halves, kBest); }));
    stage_us.push_back(microseconds([&] { rank(rows, many, ranker); }));
    int8_overlap += overlap(places(rerank_by_cosine(rows.query, other.halves, kBest)), places(by_int8));
    both_overlap += overlap(places(rerank_by_cosine(rows.query, third.halves, kBest)), places(by_both));
  }
  const auto rounds = static_cast<double>(num_rounds);
  const double half = median(half_us);
  const auto row = [&](const std::string& name, double us, double share) {
    return std::vector<Cell>{name, Number{us, 1}, Number{us / half, 2}, Number{share * 100, 2}};
  };
  print({"rerank",
         std::to_string(kCandidates) + " candidates of " + std::to_string(num_rows) + " rows x " +
             std::to_string(kDim) + ", int8 by " + rank::best_int8_kernel().name,
         {"features", "median, us", "against half", "same best 10, %"},
         {row("half", half, 1), row("int8", median(int8_us), int8_overlap / rounds),
          row("int8, then half for 40", median(both_us), both_overlap / rounds)}},
        std::cout);
  std::cout << "\nranking stage, " << kStageCandidates << " candidates in, " << kRanked
            << " by a trained ranker, bar 5 ms: " << median(stage_us) / 1000 << " ms\n";
}

}  // namespace
}  // namespace vitrine::benchmarks

int main(int argc, char** argv) {
  try {
    vitrine::benchmarks::run(argc > 1 ? std::stoul(argv[1]) : 1'000'000,
                             argc > 2 ? std::stoul(argv[2]) : 100);
  } catch (const std::exception& error) {
    std::cerr << "vitrine-rerank-benchmark: " << error.what()
              << "\nusage: vitrine-rerank-benchmark [ROWS [ROUNDS]]\n";
    return 2;
  }
}

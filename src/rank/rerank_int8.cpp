// SPDX-License-Identifier: MIT
#include "vitrine/rerank_int8.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "rank/best_candidates.h"
#include "rank/int8_kernel.h"
#include "rank/row_prefetch.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

constexpr float kLargest = 127;
// Beyond it sums of products would leave 32 bits.
constexpr std::size_t kMaxDim = 65536;

}  // namespace

void to_int8(std::span<const float> values, std::span<std::int8_t> numbers) {
  if (values.size() != numbers.size() || values.size() > kMaxDim) {
    throw Error(ErrorCode::kInvalidArgument, "cannot round a feature to eight bits a number: expected " +
                                                 std::to_string(values.size()) + " numbers, at most " +
                                                 std::to_string(kMaxDim) + ", found room for " +
                                                 std::to_string(numbers.size()));
  }
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  const float scale = largest > 0 && std::isfinite(largest) ? kLargest / largest : 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const float scaled = std::clamp(values[i] * scale, -kLargest, kLargest);
    numbers[i] = std::isnan(scaled) ? std::int8_t{0} : static_cast<std::int8_t>(std::lround(scaled));
  }
}

std::vector<RankedCandidate> rerank_by_int8(std::span<const float> query,
                                            std::span<const std::int8_t* const> candidates, std::size_t k) {
  const rank::Int8SumsFunction sums_of = rank::best_int8_kernel().sums;
  const std::size_t dim = query.size();
  std::vector<std::int8_t> rounded(dim);
  to_int8(query, rounded);
  const auto norm = [](std::int32_t squares) {
    return std::sqrt(static_cast<float>(std::max(squares, std::int32_t{1})));
  };
  const float query_norm = norm(sums_of(rounded.data(), rounded.data(), dim).squares);
  std::vector<RankedCandidate> ranked;
  ranked.reserve(candidates.size());
  const rank::RowPrefetch<std::int8_t> prefetch(candidates, dim);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    prefetch.advance(i);
    if (candidates[i] == nullptr) continue;
    const rank::Int8Sums sums = sums_of(rounded.data(), candidates[i], dim);
    ranked.push_back({i, static_cast<float>(sums.products) / (query_norm * norm(sums.squares))});
  }
  rank::keep_best(ranked, k);
  return ranked;
}

std::vector<RankedCandidate> rerank_by_int8_then_cosine(std::span<const float> query,
                                                        std::span<const std::int8_t* const> numbers,
                                                        std::span<const Half* const> halves, std::size_t k,
                                                        std::size_t num_again) {
  if (numbers.size() != halves.size()) {
    throw Error(ErrorCode::kInvalidArgument, "cannot re-rank: expected the same candidates twice, found " +
                                                 std::to_string(numbers.size()) + " of eight bits and " +
                                                 std::to_string(halves.size()) + " of halves");
  }
  std::vector<RankedCandidate> first = rerank_by_int8(query, numbers, std::max(k, num_again));
  // So that equal cosines are ordered by index again.
  std::sort(first.begin(), first.end(), [](const RankedCandidate& left, const RankedCandidate& right) {
    return left.candidate_index < right.candidate_index;
  });
  std::vector<const Half*> best;
  best.reserve(first.size());
  for (const RankedCandidate& candidate : first) best.push_back(halves[candidate.candidate_index]);
  std::vector<RankedCandidate> ranked = rerank_by_cosine(query, best, k);
  for (RankedCandidate& candidate : ranked)
    candidate.candidate_index = first[candidate.candidate_index].candidate_index;
  return ranked;
}

}  // namespace vitrine

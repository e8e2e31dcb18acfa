// SPDX-License-Identifier: MIT
#include "vitrine/rerank.h"

#include <algorithm>
#include <cmath>

#include "rank/kernel.h"

namespace vitrine {
namespace {

// Rows lie anywhere in memory, so each would cost a wait for it; this many are fetched ahead.
constexpr std::size_t kPrefetchedRows = 4;
constexpr std::size_t kCacheLineBytes = 64;

void prefetch(const Half* row, std::size_t dim) {
  const auto* bytes = reinterpret_cast<const char*>(row);
  for (std::size_t offset = 0; offset < dim * sizeof(Half); offset += kCacheLineBytes) {
    __builtin_prefetch(bytes + offset);
  }
}

// Total also for NaN, which comes last.
bool better(const RankedCandidate& left, const RankedCandidate& right) {
  if (std::isnan(left.cosine) != std::isnan(right.cosine)) return std::isnan(right.cosine);
  if (left.cosine > right.cosine) return true;
  if (left.cosine < right.cosine) return false;
  return left.candidate_index < right.candidate_index;
}

}  // namespace

std::vector<Half> to_half(std::span<const float> values) {
  std::vector<Half> halves(values.size());
  rank::best_kernel().to_half(values.data(), values.size(), halves.data());
  return halves;
}

std::vector<float> to_float(std::span<const Half> values) {
  std::vector<float> floats(values.size());
  rank::best_kernel().to_float(values.data(), values.size(), floats.data());
  return floats;
}

float dot(std::span<const float> query, const Half* row) {
  return rank::best_kernel().dot(query.data(), row, query.size());
}

std::vector<RankedCandidate> rerank_by_cosine(std::span<const float> query,
                                              std::span<const Half* const> candidates, std::size_t k) {
  const rank::DotFunction dot_function = rank::best_kernel().dot;
  std::vector<RankedCandidate> ranked;
  ranked.reserve(candidates.size());
  const auto fetch = [&](std::size_t i) {
    if (i < candidates.size() && candidates[i] != nullptr) prefetch(candidates[i], query.size());
  };
  for (std::size_t i = 0; i < kPrefetchedRows; ++i) fetch(i);
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    fetch(i + kPrefetchedRows);
    if (candidates[i] != nullptr)
      ranked.push_back({i, dot_function(query.data(), candidates[i], query.size())});
  }
  const std::size_t num_kept = std::min(k, ranked.size());
  std::partial_sort(ranked.begin(), ranked.begin() + static_cast<std::ptrdiff_t>(num_kept), ranked.end(),
                    better);
  ranked.resize(num_kept);
  // Rounding to halves leaves norms a little above 1.
  for (RankedCandidate& candidate : ranked) candidate.cosine = std::clamp(candidate.cosine, -1.0f, 1.0f);
  return ranked;
}

}  // namespace vitrine

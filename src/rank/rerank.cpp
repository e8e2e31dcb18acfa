// SPDX-License-Identifier: MIT
#include "vitrine/rerank.h"

#include "rank/best_candidates.h"
#include "rank/kernel.h"
#include "rank/row_prefetch.h"

namespace vitrine {

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
  const rank::RowPrefetch<Half> prefetch(candidates, query.size());
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    prefetch.advance(i);
    if (candidates[i] != nullptr)
      ranked.push_back({i, dot_function(query.data(), candidates[i], query.size())});
  }
  rank::keep_best(ranked, k);
  return ranked;
}

}  // namespace vitrine

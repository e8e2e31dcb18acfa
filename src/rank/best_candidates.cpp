// SPDX-License-Identifier: MIT
#include "rank/best_candidates.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace vitrine::rank {
namespace {

bool better(const RankedCandidate& left, const RankedCandidate& right) {
  const auto sortable = [](float cosine) {
    return std::isnan(cosine) ? -std::numeric_limits<float>::infinity() : cosine;
  };
  const float of_left = sortable(left.cosine);
  const float of_right = sortable(right.cosine);
  return of_left > of_right || (of_left == of_right && left.candidate_index < right.candidate_index);
}

}  // namespace

void keep_best(std::vector<RankedCandidate>& ranked, std::size_t k) {
  const auto end = ranked.begin() + static_cast<std::ptrdiff_t>(std::min(k, ranked.size()));
  // A heap passes over most of many quickly, but is slow where all are wanted.
  if (k < ranked.size() / 8) {
    std::partial_sort(ranked.begin(), end, ranked.end(), better);
  } else {
    std::nth_element(ranked.begin(), end, ranked.end(), better);
    std::sort(ranked.begin(), end, better);
  }
  ranked.erase(end, ranked.end());
  // Rounding leaves norms a little above 1.
  for (RankedCandidate& candidate : ranked) candidate.cosine = std::clamp(candidate.cosine, -1.0f, 1.0f);
}

}  // namespace vitrine::rank

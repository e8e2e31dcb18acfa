// SPDX-License-Identifier: MIT
#pragma once
#include <cstddef>
#include <vector>

#include "vitrine/rerank.h"

namespace vitrine::rank {

/// Keeps the k candidates of highest cosine, best first (ties: lower index first; NaN last), and cuts cosines
/// to
/// [-1, 1].
void keep_best(std::vector<RankedCandidate>& ranked, std::size_t k);

}  // namespace vitrine::rank

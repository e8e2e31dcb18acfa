// SPDX-License-Identifier: MIT
#pragma once
/// What a ranker makes of samples.
#include <span>
#include <vector>

#include "ranker/ranker_samples.h"

namespace vitrine::ranker {

/// Mean sizes of what visual features and columns add to the log odds, largest first.
std::vector<RankerReport::Importance> importances(const Samples& samples, std::span<const RankerTree> trees,
                                                  std::span<const ColumnScale> scales);

}  // namespace vitrine::ranker

// SPDX-License-Identifier: MIT
#pragma once
/// What rankings are worth to users and cost in recall, side by side.
#include <string>
#include <vector>

#include "index/table.h"

namespace vitrine::benchmarks {

/// Of one photo under one ranking.
struct PhotoFigures {
  double ndcg_10 = 0;
  double conversion_20 = 0;
  bool found_1 = false;  ///< the product among the first 1, 4, 20
  bool found_4 = false;
  bool found_20 = false;
};

struct RankingFigures {
  std::string ranking;
  double strength = 0;
  std::vector<PhotoFigures> photos;  ///< of all rankings in one order
};

/// Differences are to the first ranking, with 95 % intervals of the paired bootstrap over photos.
Table ranking_table(const std::vector<RankingFigures>& rankings);

}  // namespace vitrine::benchmarks

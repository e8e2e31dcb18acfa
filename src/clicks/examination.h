// SPDX-License-Identifier: MIT
#pragma once
/// How many users look at each position. Clicks become rarer further down for two reasons: fewer look there,
/// and what is there is less alike. The position-based model P(click) = examined(position) x attractive(item)
/// separates them, as in Wang et al., "Position Bias Estimation for Unbiased Learning to Rank in Personal
/// Search", WSDM 2018; in place of their regression trees, items of about equal distance are equally
/// attractive.
#include <cstddef>
#include <span>
#include <vector>

namespace vitrine::clicks {

/// Positions further down are counted with this one.
inline constexpr std::size_t kLastPosition = 1000;

struct Impression {
  std::size_t position = 1;  ///< from 1
  double distance = 0;       ///< of the item to the photo
  bool clicked = false;
};

/// The share of views in which each position is examined, that of the most examined one being 1; element 0 is
/// position 1. Positions with few impressions take over their predecessor's. Cost: O(n) per round.
std::vector<double> estimate_examination(std::span<const Impression> impressions);

}  // namespace vitrine::clicks

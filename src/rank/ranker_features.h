// SPDX-License-Identifier: MIT
#pragma once
/// What trees see of the hits of one page; the same in training and in a search.
#include <cstddef>
#include <span>
#include <vector>

#include "vitrine/quality_ranker.h"

namespace vitrine::rank {

/// Of each column: where a value stands in the catalogue, and where among the hits.
inline constexpr std::size_t kFeaturesPerColumn = 2;

constexpr std::size_t num_features(std::size_t num_columns) {
  return kNumVisualFeatures + kFeaturesPerColumn * num_columns;
}

/// The one of the visual features and columns that a tree's feature is about.
constexpr std::size_t source_of(std::size_t feature) {
  return feature < kNumVisualFeatures
             ? feature
             : kNumVisualFeatures + (feature - kNumVisualFeatures) / kFeaturesPerColumn;
}

/// `[hits, features]`, row-major; NaN for missing values.
std::vector<float> page_features(std::span<const RankerInput> hits, std::span<const ColumnScale> scales);

}  // namespace vitrine::rank

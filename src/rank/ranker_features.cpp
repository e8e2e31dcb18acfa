// SPDX-License-Identifier: MIT
#include "rank/ranker_features.h"

#include <algorithm>
#include <limits>

#include "vitrine/quality_ranking.h"

namespace vitrine::rank {

std::vector<float> page_features(std::span<const RankerInput> hits, std::span<const ColumnScale> scales) {
  const std::size_t width = num_features(scales.size());
  std::vector<float> features(hits.size() * width);
  double best = -1;
  for (const RankerInput& hit : hits) best = std::max(best, hit.cosine);
  for (std::size_t i = 0; i < hits.size(); ++i) {
    float* const row = &features[i * width];
    row[0] = static_cast<float>(hits[i].cosine);
    row[1] = static_cast<float>(best - hits[i].cosine);
    row[2] = static_cast<float>(hits[i].code_distance);
  }
  for (std::size_t column = 0; column < scales.size(); ++column) {
    std::vector<std::optional<double>> values;
    for (const RankerInput& hit : hits) values.push_back(hit.values[column]);
    const std::vector<double> among_hits = standings(values);
    for (std::size_t i = 0; i < hits.size(); ++i) {
      float* const pair = &features[i * width + kNumVisualFeatures + kFeaturesPerColumn * column];
      pair[0] = static_cast<float>(scales[column].standing(values[i]));
      pair[1] = values[i] ? static_cast<float>(among_hits[i]) : std::numeric_limits<float>::quiet_NaN();
    }
  }
  return features;
}

}  // namespace vitrine::rank

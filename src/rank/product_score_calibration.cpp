// SPDX-License-Identifier: MIT
#include "vitrine/product_score_calibration.h"

#include <algorithm>
#include <cmath>

#include "rank/beta_calibration.h"

namespace vitrine {
namespace {

// Of one calibration; the other one has the rest.
constexpr std::size_t kHalfBytes = 64;

ScoreCalibration fit_any_kind(std::span<const ScoredPair> pairs) {
  const auto num_pairs = static_cast<double>(pairs.size());
  const auto num_same = static_cast<double>(
      std::count_if(pairs.begin(), pairs.end(), [](const ScoredPair& pair) { return pair.is_same; }));
  if (num_same > 0 && num_same < num_pairs) return rank::fit_beta_calibration(pairs);
  return {0, 0, std::log((num_same + 1) / (num_pairs - num_same + 1)), pairs.size()};
}

ScoreCalibrationFit fit(std::span<const ScoredPair> pairs) {
  rank::require_finite(pairs);
  return rank::fit_holding_back(pairs, fit_any_kind);
}

}  // namespace

std::vector<std::byte> ProductScoreCalibration::to_bytes() const {
  std::vector<std::byte> bytes = first.to_bytes();
  const std::vector<std::byte> others = behind.to_bytes();
  bytes.insert(bytes.end(), others.begin(), others.end());
  return bytes;
}

ProductScoreCalibration ProductScoreCalibration::from_bytes(std::span<const std::byte> bytes) {
  const std::size_t first_bytes = std::min(bytes.size(), kHalfBytes);
  return {ScoreCalibration::from_bytes(bytes.first(first_bytes)),
          ScoreCalibration::from_bytes(bytes.subspan(first_bytes))};
}

ProductScoreCalibrationFit fit_product_score_calibration(std::span<const ScoredPair> first,
                                                         std::span<const ScoredPair> behind) {
  return {fit(first), fit(behind)};
}

}  // namespace vitrine

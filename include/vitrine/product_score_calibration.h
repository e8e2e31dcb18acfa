// SPDX-License-Identifier: MIT
#pragma once
/// As score_calibration.h, for hits that are the best pictures of different products. At most one of them
/// shows the product in question, most often the first; so the same cosine promises more of the first hit
/// than of those behind it, and each kind has a calibration of its own.
#include <cstddef>
#include <span>
#include <vector>

#include "vitrine/score_calibration.h"

namespace vitrine {

struct ProductScoreCalibration {
  ScoreCalibration first;
  ScoreCalibration behind;

  /// 128 bytes, see docs/format.md.
  std::vector<std::byte> to_bytes() const;
  /// Errors: those of ScoreCalibration::from_bytes.
  static ProductScoreCalibration from_bytes(std::span<const std::byte> bytes);
};

struct ProductScoreCalibrationFit {
  ScoreCalibrationFit first;
  ScoreCalibrationFit behind;

  ProductScoreCalibration calibration() const { return {first.calibration, behind.calibration}; }
};

/// Fits both by maximum likelihood. Pairs that are all of one kind, as those behind are where the first hit
/// is always right, get one probability whatever their cosine: (number right + 1) / (number + 2), the rule of
/// succession. kInvalidArgument if a cosine is not finite.
ProductScoreCalibrationFit fit_product_score_calibration(std::span<const ScoredPair> first,
                                                         std::span<const ScoredPair> behind);

}  // namespace vitrine

// SPDX-License-Identifier: MIT
#pragma once
/// The logistic regression behind calibrations of scores.
#include <array>
#include <functional>
#include <span>
#include <vector>

#include "vitrine/score_calibration.h"

namespace vitrine::rank {

/// Coefficients of ln s, -ln(1 - s) and 1.
using BetaVector = std::array<double, 3>;

BetaVector beta_terms(double cosine);
double logistic(double log_odds);
double product(const BetaVector& a, const BetaVector& b);

/// kInvalidArgument if a cosine is not finite.
void require_finite(std::span<const ScoredPair> pairs);

/// By maximum likelihood, without a negative slope, which would turn the order of hits round. `pairs` are of
/// both kinds.
ScoreCalibration fit_beta_calibration(std::span<const ScoredPair> pairs);

/// Fits to all pairs and, for ScoreCalibrationFit::held_back, without each fifth of the queries.
ScoreCalibrationFit fit_holding_back(
    std::span<const ScoredPair> pairs,
    const std::function<ScoreCalibration(std::span<const ScoredPair> pairs)>& fit);

}  // namespace vitrine::rank

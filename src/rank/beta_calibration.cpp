// SPDX-License-Identifier: MIT
#include "rank/beta_calibration.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "vitrine/error.h"

namespace vitrine::rank {
namespace {

constexpr std::size_t kNumFolds = 5;
// Logarithms end here: what lies beyond is as sure as can be.
constexpr double kRim = 1e-4;
// A prior so weak that it matters only where the pairs can be told apart without error.
constexpr double kRidge = 1e-3;
constexpr int kMaxSteps = 100;

// Solves a positive definite system by Gauss, in place.
BetaVector solve(std::array<BetaVector, 3> matrix, BetaVector right) {
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t row = i + 1; row < 3; ++row) {
      const double factor = matrix[row][i] / matrix[i][i];
      for (std::size_t column = i; column < 3; ++column) matrix[row][column] -= factor * matrix[i][column];
      right[row] -= factor * right[i];
    }
  }
  for (std::size_t i = 3; i-- > 0;) {
    for (std::size_t column = i + 1; column < 3; ++column) right[i] -= matrix[i][column] * right[column];
    right[i] /= matrix[i][i];
  }
  return right;
}

// Minus log likelihood, with the prior.
double loss_of(std::span<const ScoredPair> pairs, const BetaVector& weights) {
  double loss = kRidge / 2 * product(weights, weights);
  for (const ScoredPair& pair : pairs) {
    const double x = product(weights, beta_terms(pair.cosine));
    loss += std::max(x, 0.0) - (pair.is_same ? x : 0) + std::log1p(std::exp(-std::abs(x)));
  }
  return loss;
}

// Newton's method with halved steps; weights whose `is_used` is 0 stay 0.
BetaVector maximise_likelihood(std::span<const ScoredPair> pairs, const BetaVector& is_used) {
  BetaVector weights{};
  double loss = loss_of(pairs, weights);
  for (int step = 0; step < kMaxSteps; ++step) {
    std::array<BetaVector, 3> hessian{};
    BetaVector gradient{};
    for (std::size_t i = 0; i < 3; ++i) {
      hessian[i][i] = is_used[i] > 0 ? kRidge : 1;
      gradient[i] = kRidge * weights[i];
    }
    for (const ScoredPair& pair : pairs) {
      BetaVector terms = beta_terms(pair.cosine);
      for (std::size_t i = 0; i < 3; ++i) terms[i] *= is_used[i];
      const double p = logistic(product(weights, terms));
      for (std::size_t i = 0; i < 3; ++i) {
        gradient[i] += (p - (pair.is_same ? 1 : 0)) * terms[i];
        for (std::size_t j = 0; j < 3; ++j) hessian[i][j] += p * (1 - p) * terms[i] * terms[j];
      }
    }
    const BetaVector direction = solve(hessian, gradient);
    double length = 1;
    BetaVector next{};
    double next_loss = loss;
    do {
      for (std::size_t i = 0; i < 3; ++i) next[i] = weights[i] - length * direction[i];
      next_loss = loss_of(pairs, next);
      length /= 2;
    } while (next_loss > loss && length > 1e-6);
    if (!(next_loss < loss - 1e-9 * std::abs(loss))) break;
    weights = next;
    loss = next_loss;
  }
  return weights;
}

}  // namespace

BetaVector beta_terms(double cosine) {
  const double s = std::clamp(cosine, kRim, 1 - kRim);
  return {std::log(s), -std::log1p(-s), 1};
}

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

double product(const BetaVector& a, const BetaVector& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

void require_finite(std::span<const ScoredPair> pairs) {
  for (const ScoredPair& pair : pairs) {
    if (!std::isfinite(pair.cosine))
      throw Error(ErrorCode::kInvalidArgument, "cannot calibrate scores: the cosine of a pair is not finite");
  }
}

ScoreCalibration fit_beta_calibration(std::span<const ScoredPair> pairs) {
  std::optional<BetaVector> best;
  for (const BetaVector& is_used :
       {BetaVector{1, 1, 1}, BetaVector{0, 1, 1}, BetaVector{1, 0, 1}, BetaVector{0, 0, 1}}) {
    const BetaVector weights = maximise_likelihood(pairs, is_used);
    if (weights[0] < 0 || weights[1] < 0) continue;
    if (!best || loss_of(pairs, weights) < loss_of(pairs, *best)) best = weights;
    if (is_used[0] > 0 && is_used[1] > 0) break;  // nothing can be better than the free one
  }
  return {(*best)[0], (*best)[1], (*best)[2], pairs.size()};
}

ScoreCalibrationFit fit_holding_back(
    std::span<const ScoredPair> pairs,
    const std::function<ScoreCalibration(std::span<const ScoredPair> pairs)>& fit) {
  ScoreCalibrationFit result{fit(pairs), std::vector<double>(pairs.size())};
  for (std::size_t fold = 0; fold < kNumFolds; ++fold) {
    std::vector<ScoredPair> others;
    for (const ScoredPair& pair : pairs)
      if (pair.query % kNumFolds != fold) others.push_back(pair);
    if (others.size() == pairs.size()) continue;
    const ScoreCalibration without = fit(others);
    for (std::size_t i = 0; i < pairs.size(); ++i)
      if (pairs[i].query % kNumFolds == fold) result.held_back[i] = without.probability(pairs[i].cosine);
  }
  return result;
}

}  // namespace vitrine::rank

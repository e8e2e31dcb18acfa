// SPDX-License-Identifier: MIT
#include "vitrine/score_calibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <optional>
#include <string>

#include "base/checksum.h"
#include "base/little_endian.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using base::get;
using base::get_real;
using base::put;
using base::put_real;

constexpr std::size_t kNumFolds = 5;
// Logarithms end here: what lies beyond is as sure as can be.
constexpr double kRim = 1e-4;
// A prior so weak that it matters only where the pairs can be told apart without error.
constexpr double kRidge = 1e-3;
constexpr int kMaxSteps = 100;

constexpr std::array<unsigned char, 8> kMagic = {0x89, 'V', 'S', 'C', 'O', '\r', '\n', 0x1a};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kAAt = 16;
constexpr std::size_t kBAt = 24;
constexpr std::size_t kCAt = 32;
constexpr std::size_t kNumPairsAt = 40;
constexpr std::size_t kChecksumAt = 56;
constexpr std::size_t kNumBytes = 64;

using Vector = std::array<double, 3>;  // coefficients of ln s, -ln(1 - s) and 1

Vector terms_of(double cosine) {
  const double s = std::clamp(cosine, kRim, 1 - kRim);
  return {std::log(s), -std::log1p(-s), 1};
}

double logistic(double x) {
  return 1 / (1 + std::exp(-x));
}

double product(const Vector& a, const Vector& b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

// Solves a positive definite system by Gauss, in place.
Vector solve(std::array<Vector, 3> matrix, Vector right) {
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
double loss_of(std::span<const ScoredPair> pairs, const Vector& weights) {
  double loss = kRidge / 2 * product(weights, weights);
  for (const ScoredPair& pair : pairs) {
    const double x = product(weights, terms_of(pair.cosine));
    loss += std::max(x, 0.0) - (pair.is_same ? x : 0) + std::log1p(std::exp(-std::abs(x)));
  }
  return loss;
}

// Newton's method with halved steps; weights whose `is_used` is 0 stay 0.
Vector maximise_likelihood(std::span<const ScoredPair> pairs, const Vector& is_used) {
  Vector weights{};
  double loss = loss_of(pairs, weights);
  for (int step = 0; step < kMaxSteps; ++step) {
    std::array<Vector, 3> hessian{};
    Vector gradient{};
    for (std::size_t i = 0; i < 3; ++i) {
      hessian[i][i] = is_used[i] > 0 ? kRidge : 1;
      gradient[i] = kRidge * weights[i];
    }
    for (const ScoredPair& pair : pairs) {
      Vector terms = terms_of(pair.cosine);
      for (std::size_t i = 0; i < 3; ++i) terms[i] *= is_used[i];
      const double p = logistic(product(weights, terms));
      for (std::size_t i = 0; i < 3; ++i) {
        gradient[i] += (p - (pair.is_same ? 1 : 0)) * terms[i];
        for (std::size_t j = 0; j < 3; ++j) hessian[i][j] += p * (1 - p) * terms[i] * terms[j];
      }
    }
    const Vector direction = solve(hessian, gradient);
    double length = 1;
    Vector next{};
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

// Without a negative slope, which would turn the order of hits round.
ScoreCalibration fit(std::span<const ScoredPair> pairs) {
  const auto num_same =
      std::count_if(pairs.begin(), pairs.end(), [](const ScoredPair& pair) { return pair.is_same; });
  if (num_same == 0 || num_same == static_cast<std::ptrdiff_t>(pairs.size())) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot calibrate scores: of " + std::to_string(pairs.size()) + " pairs " +
                    std::to_string(num_same) +
                    " show the same product, but both kinds are needed; give more queries");
  }
  std::optional<Vector> best;
  for (const Vector& is_used : {Vector{1, 1, 1}, Vector{0, 1, 1}, Vector{1, 0, 1}, Vector{0, 0, 1}}) {
    const Vector weights = maximise_likelihood(pairs, is_used);
    if (weights[0] < 0 || weights[1] < 0) continue;
    if (!best || loss_of(pairs, weights) < loss_of(pairs, *best)) best = weights;
    if (is_used[0] > 0 && is_used[1] > 0) break;  // nothing can be better than the free one
  }
  return {(*best)[0], (*best)[1], (*best)[2], pairs.size()};
}

std::uint64_t checksum(std::span<const std::byte> bytes) {
  base::RunningChecksum sum;
  sum.update(bytes.first(kChecksumAt));
  return sum.digest();
}

}  // namespace

ScoreCalibration::ScoreCalibration(double a, double b, double c, std::uint64_t num_pairs)
    : a_(a), b_(b), c_(c), num_pairs_(num_pairs) {
  if (!(std::isfinite(a) && std::isfinite(b) && std::isfinite(c) && a >= 0 && b >= 0)) {
    throw Error(ErrorCode::kInvalidArgument, "cannot calibrate scores with a = " + std::to_string(a) +
                                                 ", b = " + std::to_string(b) + ", c = " + std::to_string(c) +
                                                 "; expected finite numbers, a and b at least 0");
  }
}

double ScoreCalibration::probability(double cosine) const {
  if (std::isnan(cosine)) return cosine;
  return logistic(product({a_, b_, c_}, terms_of(cosine)));
}

std::vector<std::byte> ScoreCalibration::to_bytes() const {
  std::vector<std::byte> bytes(kNumBytes);
  std::memcpy(bytes.data(), kMagic.data(), kMagic.size());
  put(std::span(bytes), kVersionAt, kVersion);
  put_real(bytes, kAAt, a_);
  put_real(bytes, kBAt, b_);
  put_real(bytes, kCAt, c_);
  put(std::span(bytes), kNumPairsAt, num_pairs_);
  put(std::span(bytes), kChecksumAt, checksum(bytes));
  return bytes;
}

ScoreCalibration ScoreCalibration::from_bytes(std::span<const std::byte> bytes) {
  const auto corrupt = [](std::size_t offset, const std::string& message) {
    return Error(ErrorCode::kCorrupt,
                 "reading a score calibration: at byte " + std::to_string(offset) + ": " + message);
  };
  if (bytes.size() < kVersionAt + 4 || std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0)
    throw corrupt(0, "this is none");
  if (const auto version = get<std::uint32_t>(bytes, kVersionAt); version > kVersion) {
    throw Error(ErrorCode::kUnsupported, "reading a score calibration: version " + std::to_string(version) +
                                             " is newer than " + std::to_string(kVersion) +
                                             ", the newest that this program knows");
  }
  if (bytes.size() != kNumBytes)
    throw corrupt(0,
                  "expected " + std::to_string(kNumBytes) + " bytes, found " + std::to_string(bytes.size()));
  if (get<std::uint64_t>(bytes, kChecksumAt) != checksum(bytes))
    throw corrupt(kChecksumAt, "the checksum does not match");
  try {
    return {get_real(bytes, kAAt), get_real(bytes, kBAt), get_real(bytes, kCAt),
            get<std::uint64_t>(bytes, kNumPairsAt)};
  } catch (const Error& error) {
    throw corrupt(kAAt, error.what());
  }
}

ScoreCalibrationFit fit_score_calibration(std::span<const ScoredPair> pairs) {
  for (const ScoredPair& pair : pairs) {
    if (!std::isfinite(pair.cosine))
      throw Error(ErrorCode::kInvalidArgument, "cannot calibrate scores: the cosine of a pair is not finite");
  }
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

}  // namespace vitrine

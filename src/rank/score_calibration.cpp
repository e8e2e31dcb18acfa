// SPDX-License-Identifier: MIT
#include "vitrine/score_calibration.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/fixed_format.h"
#include "base/little_endian.h"
#include "rank/beta_calibration.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using base::get;
using base::get_real;
using base::put;
using base::put_real;

constexpr base::FixedFormat kFormat{
    "a score calibration", {0x89, 'V', 'S', 'C', 'O', '\r', '\n', 0x1a}, 1, 64};
constexpr std::size_t kAAt = 16;
constexpr std::size_t kBAt = 24;
constexpr std::size_t kCAt = 32;
constexpr std::size_t kNumPairsAt = 40;

ScoreCalibration fit_both_kinds(std::span<const ScoredPair> pairs) {
  const auto num_same =
      std::count_if(pairs.begin(), pairs.end(), [](const ScoredPair& pair) { return pair.is_same; });
  if (num_same == 0 || num_same == static_cast<std::ptrdiff_t>(pairs.size())) {
    throw Error(ErrorCode::kInvalidArgument,
                "cannot calibrate scores: of " + std::to_string(pairs.size()) + " pairs " +
                    std::to_string(num_same) +
                    " show the same product, but both kinds are needed; give more queries");
  }
  return rank::fit_beta_calibration(pairs);
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
  return rank::logistic(rank::product({a_, b_, c_}, rank::beta_terms(cosine)));
}

std::vector<std::byte> ScoreCalibration::to_bytes() const {
  std::vector<std::byte> bytes = base::begin_bytes(kFormat);
  put_real(bytes, kAAt, a_);
  put_real(bytes, kBAt, b_);
  put_real(bytes, kCAt, c_);
  put(std::span(bytes), kNumPairsAt, num_pairs_);
  base::end_bytes(bytes);
  return bytes;
}

ScoreCalibration ScoreCalibration::from_bytes(std::span<const std::byte> bytes) {
  base::check_bytes(kFormat, bytes);
  try {
    return {get_real(bytes, kAAt), get_real(bytes, kBAt), get_real(bytes, kCAt),
            get<std::uint64_t>(bytes, kNumPairsAt)};
  } catch (const Error& error) {
    throw base::corrupt(kFormat, kAAt, error.what());
  }
}

ScoreCalibrationFit fit_score_calibration(std::span<const ScoredPair> pairs) {
  rank::require_finite(pairs);
  return rank::fit_holding_back(pairs, fit_both_kinds);
}

}  // namespace vitrine

// SPDX-License-Identifier: MIT
#include "vitrine/score_calibration.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <string>

#include "base/checksum.h"
#include "base/little_endian.h"
#include "rank/beta_calibration.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

using base::get;
using base::get_real;
using base::put;
using base::put_real;

constexpr std::array<unsigned char, 8> kMagic = {0x89, 'V', 'S', 'C', 'O', '\r', '\n', 0x1a};
constexpr std::uint32_t kVersion = 1;
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kAAt = 16;
constexpr std::size_t kBAt = 24;
constexpr std::size_t kCAt = 32;
constexpr std::size_t kNumPairsAt = 40;
constexpr std::size_t kChecksumAt = 56;
constexpr std::size_t kNumBytes = 64;

std::uint64_t checksum(std::span<const std::byte> bytes) {
  base::RunningChecksum sum;
  sum.update(bytes.first(kChecksumAt));
  return sum.digest();
}

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
  rank::require_finite(pairs);
  return rank::fit_holding_back(pairs, fit_both_kinds);
}

}  // namespace vitrine

// SPDX-License-Identifier: MIT
#pragma once
/// From the cosine of two features to the probability that both pictures show the same product, so that a
/// threshold means the same for every model and every catalogue. Plain numbers in, plain numbers out.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace vitrine {

/// A query and one of its hits.
struct ScoredPair {
  double cosine = 0;
  bool is_same = false;   ///< whether both show one product
  std::size_t query = 0;  ///< pairs of one query are held back together
};

/// Beta calibration (Kull, Silva Filho, Flach, AISTATS 2017): p = 1 / (1 + exp(-(a ln s - b ln(1 - s) + c)))
/// for a cosine s, cut to lie a little inside of (0, 1); a, b >= 0, so that p never falls where s rises.
/// Immutable.
class ScoreCalibration {
 public:
  /// p of the cosine itself: a = b = 1, c = 0.
  ScoreCalibration() = default;
  /// kInvalidArgument unless all are finite and a and b at least 0.
  ScoreCalibration(double a, double b, double c, std::uint64_t num_pairs);

  /// 0 to 1. NaN for NaN.
  double probability(double cosine) const;

  double a() const { return a_; }
  double b() const { return b_; }
  double c() const { return c_; }
  /// Of the pairs it was fitted to.
  std::uint64_t num_pairs() const { return num_pairs_; }

  /// 64 bytes, see docs/format.md.
  std::vector<std::byte> to_bytes() const;
  /// kCorrupt, with the offset, for bytes that `to_bytes` did not write; kUnsupported for a newer version.
  static ScoreCalibration from_bytes(std::span<const std::byte> bytes);

 private:
  double a_ = 1;
  double b_ = 1;
  double c_ = 0;
  std::uint64_t num_pairs_ = 0;
};

struct ScoreCalibrationFit {
  ScoreCalibration calibration;
  /// For each pair what a calibration fitted without a fifth of the queries, its own among them, says: what
  /// may be expected of pairs that nobody has seen.
  std::vector<double> held_back;
};

/// Fits by maximum likelihood. kInvalidArgument if a cosine is not finite, or if the pairs, or those that are
/// left when a fifth of the queries is held back, are all of one kind.
ScoreCalibrationFit fit_score_calibration(std::span<const ScoredPair> pairs);

}  // namespace vitrine

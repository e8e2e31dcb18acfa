// SPDX-License-Identifier: MIT
#pragma once
/// Several opinions on how unlike two pictures are, brought to one scale and averaged.
#include <array>
#include <cstddef>
#include <span>
#include <vector>

namespace vitrine::clicks {

/// Photos of users and pictures of the shop look different, so each kind of pair has a scale of its own.
enum class PairKind { kPhotoItem, kItemItem };
inline constexpr std::size_t kNumPairKinds = 2;

inline constexpr std::size_t kMaxFeatures = 3;
/// 1 - cosine for each feature; unused ones stay 0.
using RawDistances = std::array<float, kMaxFeatures>;

/// Random pairs by kind.
using RandomPairs = std::array<std::vector<RawDistances>, kNumPairKinds>;

/// Scales each feature to mean 0 and deviation 1 over random pairs, takes the weighted mean, and scales that
/// again. So 0 is as unlike as any two pictures, -2 is more alike than nearly all.
class FusedDistance {
 public:
  /// Equal weights. Each kind needs at least one random pair.
  FusedDistance(std::size_t num_features, const RandomPairs& random_pairs);

  /// Weighs each feature by how well it separates clicked from passed-over items: difference of the means
  /// over the variance within, which is Fisher's discriminant with correlations left out. That both samples
  /// are noisy shrinks all differences alike and leaves the proportions. A feature that separates the wrong
  /// way gets no weight; if all do, weights stay equal.
  void fit_weights(std::span<const RawDistances> clicked, std::span<const RawDistances> passed_over,
                   const RandomPairs& random_pairs);

  double operator()(PairKind kind, const RawDistances& raw) const;
  std::span<const double> weights() const { return weights_; }

 private:
  struct Scale {
    double mean = 0;
    double deviation = 1;
  };
  double standardised(PairKind kind, std::size_t feature, const RawDistances& raw) const;
  double weighted_mean(PairKind kind, const RawDistances& raw) const;
  void fit_final_scale(const RandomPairs& random_pairs);

  std::array<std::array<Scale, kMaxFeatures>, kNumPairKinds> feature_scales_;
  std::array<Scale, kNumPairKinds> final_scales_;
  std::vector<double> weights_;
};

}  // namespace vitrine::clicks

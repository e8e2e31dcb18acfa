// SPDX-License-Identifier: MIT
#pragma once
/// Which source pixels, in which proportions, make up each pixel of a resized row or column.
#include <cstddef>
#include <span>
#include <vector>

namespace vitrine::image {

/// When shrinking, a triangle filter: a tent over the centre of the target pixel, as wide as two target
/// pixels, so that every source pixel counts. When enlarging, Keys's cubic over four source pixels (Cubic
/// Convolution Interpolation, 1981, with a = -1/2), which keeps more detail than straight lines between
/// pixels: what was decoded at half scale has little to lose. Weights of one target pixel sum to 1; the
/// cubic's outer ones are negative.
class ResizeWeights {
 public:
  ResizeWeights(int from_px, int to_px);

  /// Target pixel `i` is the sum of weights(i)[k] * source[first(i) + k].
  std::size_t first(std::size_t i) const { return first_[i]; }
  std::span<const float> weights(std::size_t i) const {
    return {weights_.data() + begin_[i], begin_[i + 1] - begin_[i]};
  }

 private:
  std::vector<std::size_t> first_;
  std::vector<std::size_t> begin_;  // of each target pixel's weights, and the end of the last
  std::vector<float> weights_;
};

}  // namespace vitrine::image

// SPDX-License-Identifier: MIT
#pragma once
/// 8-bit numbers for weights and activations: real value = scale x integer (Jacob et al., CVPR 2018, without
/// zero points: rectified outputs are unsigned, all others symmetric).
#include <cstdint>
#include <span>
#include <vector>

namespace vitrine::network {

struct QuantizedWeights {
  std::vector<std::int8_t> values;  ///< laid out as the weights they come from
  std::vector<float> scales;        ///< `[out_channels]`
};

/// One scale per output channel, which is the first dimension of `weights`.
QuantizedWeights quantize_per_channel(std::span<const float> weights, int out_channels);

/// The scale of a convolution's output whose magnitudes are clipped at `absmax`. Saturation of the unsigned
/// range does the clipping of ReLU6 on the way.
float activation_scale(bool relu6, float absmax);

}  // namespace vitrine::network

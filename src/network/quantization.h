// SPDX-License-Identifier: MIT
#pragma once
/// 8-bit numbers for weights and activations: real value = scale x integer (Jacob et al., CVPR 2018, without
/// zero points: rectified outputs are unsigned, all others symmetric).
#include <cstdint>
#include <span>
#include <vector>

#include "network/layers.h"

namespace vitrine::network {

struct QuantizedWeights {
  std::vector<std::int8_t> values;  ///< laid out as the weights they come from
  std::vector<float> scales;        ///< `[out_channels]`
};

/// One scale per output channel, which is the first dimension of `weights`.
QuantizedWeights quantize_per_channel(std::span<const float> weights, int out_channels);

/// The scale of a convolution's output whose magnitudes are clipped at `absmax`. Rectified outputs are
/// unsigned; saturation does their clipping, that of ReLU6 too, on the way.
float activation_scale(Nonlinearity nonlinearity, float absmax);

}  // namespace vitrine::network

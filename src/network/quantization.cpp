// SPDX-License-Identifier: MIT
#include "network/quantization.h"

#include <algorithm>
#include <cmath>

namespace vitrine::network {
namespace {

// A channel or layer that is always zero still needs a scale to divide by.
constexpr float kSmallestRange = 1e-6F;

}  // namespace

QuantizedWeights quantize_per_channel(std::span<const float> weights, int out_channels) {
  const std::size_t per_channel = weights.size() / static_cast<std::size_t>(out_channels);
  QuantizedWeights quantized;
  quantized.values.reserve(weights.size());
  for (std::size_t begin = 0; begin < weights.size(); begin += per_channel) {
    const auto channel = weights.subspan(begin, per_channel);
    float absmax = kSmallestRange;
    for (const float weight : channel) absmax = std::max(absmax, std::abs(weight));
    const float scale = absmax / 127;
    for (const float weight : channel) {
      quantized.values.push_back(static_cast<std::int8_t>(std::lrint(weight / scale)));
    }
    quantized.scales.push_back(scale);
  }
  return quantized;
}

float activation_scale(Nonlinearity nonlinearity, float absmax) {
  const float range = std::max(absmax, kSmallestRange);
  if (nonlinearity == Nonlinearity::kNone) return range / 127;
  return (nonlinearity == Nonlinearity::kRelu6 ? std::min(range, 6.0F) : range) / 255;
}

}  // namespace vitrine::network

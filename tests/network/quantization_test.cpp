// SPDX-License-Identifier: MIT
#include "network/quantization.h"

#include <bit>
#include <catch2/catch.hpp>

#include "network/preprocess.h"

namespace vitrine::test {
namespace {

TEST_CASE("each output channel is quantised with its own scale, to half a step") {
  const std::vector<float> weights = {0.5F, -1.0F, 0.25F, 100.0F, -3.0F, 0.0F};
  const auto quantized = network::quantize_per_channel(weights, 2);
  REQUIRE(quantized.scales.size() == 2);
  REQUIRE(quantized.values[1] == -127);
  REQUIRE(quantized.values[3] == 127);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const float scale = quantized.scales[i / 3];
    REQUIRE(static_cast<float>(quantized.values[i]) * scale == Approx(weights[i]).margin(scale * 0.5001F));
  }
}

TEST_CASE("a channel of zeros stays zero") {
  const auto quantized = network::quantize_per_channel(std::vector<float>(9, 0.0F), 1);
  REQUIRE(quantized.values == std::vector<std::int8_t>(9, 0));
  REQUIRE(quantized.scales.front() > 0);
}

TEST_CASE("activation scales use the unsigned range, up to six if clipped there, or the signed one") {
  using network::Nonlinearity;
  REQUIRE(network::activation_scale(Nonlinearity::kRelu6, 3.0F) == 3.0F / 255);
  REQUIRE(network::activation_scale(Nonlinearity::kRelu6, 9.0F) == 6.0F / 255);
  REQUIRE(network::activation_scale(Nonlinearity::kRelu, 9.0F) == 9.0F / 255);
  REQUIRE(network::activation_scale(Nonlinearity::kNone, 9.0F) == 9.0F / 127);
  REQUIRE(network::activation_scale(Nonlinearity::kNone, 0.0F) > 0);
}

TEST_CASE("pixels become x / 127.5 - 1 in every number format") {
  std::vector<std::uint8_t> pixels(256);
  for (std::size_t i = 0; i < 256; ++i) pixels[i] = static_cast<std::uint8_t>(i);
  std::vector<float> floats(256);
  std::vector<std::uint16_t> brains(256);
  std::vector<std::int8_t> integers(256);
  network::normalize_to_float32(pixels, floats.data());
  network::normalize_to_bfloat16(pixels, brains.data());
  network::normalize_to_int8(pixels, integers.data());
  for (std::size_t i = 0; i < 256; ++i) {
    const double expected = static_cast<double>(i) / 127.5 - 1;
    REQUIRE(floats[i] == Approx(expected).margin(1e-6));
    const auto widened = std::bit_cast<float>(std::uint32_t{brains[i]} << 16);
    REQUIRE(widened == Approx(expected).margin(0.002));
    const float meant =
        (static_cast<float>(integers[i]) + network::kInt8InputOffset) * network::kInt8InputScale;
    REQUIRE(meant == Approx(expected).margin(1e-6));
  }
}

}  // namespace
}  // namespace vitrine::test

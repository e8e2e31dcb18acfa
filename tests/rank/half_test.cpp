// SPDX-License-Identifier: MIT
#include <bit>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "rank/kernel.h"
#include "vitrine/rerank.h"

namespace vitrine::rank {
namespace {

std::vector<Half> all_halves() {
  std::vector<Half> halves(65536);
  for (std::size_t i = 0; i < halves.size(); ++i) halves[i] = static_cast<Half>(i);
  return halves;
}

// The value of a half from the definition of the format.
double value_of(Half half) {
  const int exponent = half >> 10 & 0x1f;
  const int fraction = half & 0x3ff;
  const double sign = half >> 15 != 0 ? -1 : 1;
  if (exponent == 0x1f) {
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity() : std::nan("");
  }
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

std::vector<std::uint32_t> bits_of(const std::vector<float>& values) {
  std::vector<std::uint32_t> bits;
  for (const float value : values) bits.push_back(std::bit_cast<std::uint32_t>(value));
  return bits;
}

// Floats where rounding is delicate, and many random ones.
std::vector<float> delicate_floats() {
  std::vector<float> floats;
  for (std::uint32_t half = 0; half < 0x7c00; ++half) {
    const auto lower = static_cast<float>(value_of(static_cast<Half>(half)));
    const double upper = half == 0x7bff ? 65536.0 : value_of(static_cast<Half>(half + 1));
    const auto middle = static_cast<float>((lower + upper) / 2);
    const float infinity = std::numeric_limits<float>::infinity();
    for (const float value :
         {lower, middle, std::nextafter(middle, 0.0f), std::nextafter(middle, infinity)}) {
      floats.push_back(value);
      floats.push_back(-value);
    }
  }
  std::mt19937_64 random(1);
  for (int i = 0; i < 500'000; ++i) {
    floats.push_back(std::bit_cast<float>(static_cast<std::uint32_t>(random())));
    floats.push_back(
        std::ldexp(static_cast<float>(random() % 20'000'000), -44 + static_cast<int>(random() % 36)));
  }
  return floats;
}

}  // namespace

TEST_CASE("all 65536 halves convert to the floats that the format defines") {
  const auto halves = all_halves();
  std::vector<float> floats(halves.size());
  to_float_scalar(halves.data(), halves.size(), floats.data());
  for (std::size_t i = 0; i < halves.size(); ++i) {
    const double expected = value_of(halves[i]);
    if (std::isnan(expected)) {
      REQUIRE(std::isnan(floats[i]));
    } else {
      REQUIRE(floats[i] == expected);
      REQUIRE(std::signbit(floats[i]) == std::signbit(expected));
    }
  }
}

TEST_CASE("a half survives the way to float and back") {
  const auto halves = all_halves();
  const auto back = to_half(to_float(halves));
  for (std::size_t i = 0; i < halves.size(); ++i) {
    const bool is_nan = (halves[i] & 0x7fff) > 0x7c00;
    REQUIRE(back[i] == (is_nan ? halves[i] | 0x0200 : halves[i]));  // NaN becomes quiet
  }
}

TEST_CASE("floats round to the nearest half, ties to the even one, beyond the range to infinity") {
  const auto floats = delicate_floats();
  std::vector<Half> halves(floats.size());
  to_half_scalar(floats.data(), floats.size(), halves.data());
  for (std::size_t i = 0; i < floats.size(); ++i) {
    const double value = std::abs(static_cast<double>(floats[i]));
    const Half half = halves[i] & 0x7fff;
    REQUIRE((halves[i] >> 15 != 0) == std::signbit(floats[i]));
    if (std::isnan(floats[i])) {
      REQUIRE(half > 0x7c00);
      continue;
    }
    // Rounding treats infinity as the value after the largest half.
    const double rounded = half == 0x7c00 ? 65536 : value_of(half);
    if (half == 0x7c00 && value > rounded) continue;
    REQUIRE(half <= 0x7c00);
    const double error = std::abs(value - rounded);
    if (half != 0) {
      const double error_below = value - value_of(static_cast<Half>(half - 1));
      REQUIRE((error < error_below || (error == error_below && half % 2 == 0)));
    }
    if (half != 0x7c00) {
      const double above = half == 0x7bff ? 65536 : value_of(static_cast<Half>(half + 1));
      REQUIRE((error < above - value || (error == above - value && half % 2 == 0)));
    }
  }
}

TEST_CASE("every kernel converts to the same bits as the scalar one") {
  const auto halves = all_halves();
  const auto floats = delicate_floats();
  std::vector<float> expected_floats(halves.size());
  std::vector<Half> expected_halves(floats.size());
  to_float_scalar(halves.data(), halves.size(), expected_floats.data());
  to_half_scalar(floats.data(), floats.size(), expected_halves.data());
  for (const Kernel& kernel : all_kernels()) {
    if (!kernel.supported()) continue;
    DYNAMIC_SECTION(kernel.name) {
      std::vector<float> converted_floats(halves.size());
      std::vector<Half> converted_halves(floats.size());
      kernel.to_float(halves.data(), halves.size(), converted_floats.data());
      kernel.to_half(floats.data(), floats.size(), converted_halves.data());
      REQUIRE(bits_of(converted_floats) == bits_of(expected_floats));
      REQUIRE(converted_halves == expected_halves);
    }
  }
}

TEST_CASE("every kernel converts vectors of any length and touches nothing behind them") {
  for (const Kernel& kernel : all_kernels()) {
    if (!kernel.supported()) continue;
    DYNAMIC_SECTION(kernel.name) {
      for (std::size_t size = 0; size <= 40; ++size) {
        std::vector<float> floats(size);
        for (std::size_t i = 0; i < size; ++i) floats[i] = static_cast<float>(i) - 3.5f;
        std::vector<Half> halves(size + 1, 0xabcd);
        kernel.to_half(floats.data(), size, halves.data());
        REQUIRE(halves[size] == 0xabcd);
        std::vector<float> back(size + 1, -99);
        kernel.to_float(halves.data(), size, back.data());
        REQUIRE(back[size] == -99);
        back.pop_back();
        REQUIRE(back == floats);
      }
    }
  }
}

TEST_CASE("the public conversions keep the length, also of nothing") {
  REQUIRE(to_half({}).empty());
  REQUIRE(to_float({}).empty());
  REQUIRE(to_half(std::vector<float>{1, -2, 65504, 65520}) ==
          std::vector<Half>{0x3c00, 0xc000, 0x7bff, 0x7c00});
}

}  // namespace vitrine::rank

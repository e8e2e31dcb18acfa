// SPDX-License-Identifier: MIT
// The definition: conversions of every other kernel must give these bits, dot products these values up to
// rounding.
#include <bit>

#include "rank/half_functions.h"

namespace vitrine::rank {
namespace {

constexpr std::uint32_t kFloatInfinity = 0x7f800000;
constexpr std::uint32_t kFirstToInfinity =
    0x477ff000;  // 65520, half-way between the largest half and the next
constexpr std::uint32_t kSmallestNormal = 0x38800000;  // 2^-14
constexpr std::uint32_t kLargestToZero =
    0x33000000;                             // 2^-25, half of the smallest half, which rounds to even
constexpr unsigned kDroppedBits = 23 - 10;  // of the fraction
constexpr std::uint32_t kBiasDifference = 127 - 15;

// `value` / 2^`shift`, to nearest, ties to even.
std::uint32_t shift_rounded(std::uint32_t value, unsigned shift) {
  const std::uint32_t half = (1u << (shift - 1)) - 1;
  return (value + half + ((value >> shift) & 1)) >> shift;
}

std::uint16_t to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const std::uint32_t sign = bits >> 16 & 0x8000;
  const std::uint32_t magnitude = bits & 0x7fffffff;
  std::uint32_t half = 0;
  if (magnitude > kFloatInfinity) {
    half = 0x7e00 | (magnitude >> kDroppedBits & 0x3ff);
  } else if (magnitude >= kFirstToInfinity) {
    half = 0x7c00;
  } else if (magnitude >= kSmallestNormal) {
    // A carry out of the fraction rightly raises the exponent.
    half = shift_rounded(magnitude - (kBiasDifference << 23), kDroppedBits);
  } else if (magnitude > kLargestToZero) {
    // Multiples of 2^-24: the fraction with its leading one, moved by what the exponent lacks.
    const std::uint32_t fraction = (magnitude & 0x7fffff) | 0x800000;
    half = shift_rounded(fraction, 126 - (magnitude >> 23));
  }
  return static_cast<std::uint16_t>(sign | half);
}

float to_float(std::uint16_t half) {
  const std::uint32_t sign = std::uint32_t{half & 0x8000u} << 16;
  const std::uint32_t exponent = half >> 10 & 0x1f;
  const std::uint32_t fraction = half & 0x3ff;
  std::uint32_t magnitude = 0;
  if (exponent == 0x1f) {
    const std::uint32_t quiet = fraction == 0 ? 0 : 0x400000;
    magnitude = kFloatInfinity | quiet | fraction << kDroppedBits;
  } else if (exponent == 0) {
    magnitude = std::bit_cast<std::uint32_t>(static_cast<float>(fraction) * 0x1p-24f);
  } else {
    magnitude = (exponent + kBiasDifference) << 23 | fraction << kDroppedBits;
  }
  return std::bit_cast<float>(sign | magnitude);
}

}  // namespace

void to_half_scalar(const float* values, std::size_t size, std::uint16_t* halves) {
  for (std::size_t i = 0; i < size; ++i) halves[i] = to_half(values[i]);
}

void to_float_scalar(const std::uint16_t* halves, std::size_t size, float* values) {
  for (std::size_t i = 0; i < size; ++i) values[i] = to_float(halves[i]);
}

float dot_scalar(const float* query, const std::uint16_t* row, std::size_t size) {
  float sum = 0;
  for (std::size_t i = 0; i < size; ++i) sum += query[i] * to_float(row[i]);
  return sum;
}

}  // namespace vitrine::rank

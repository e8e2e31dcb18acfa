// SPDX-License-Identifier: MIT
// Conversions between half and single precision belong to every AArch64 processor.
#include <arm_neon.h>

#include <cstring>

#include "rank/half_functions.h"

namespace vitrine::rank {
namespace {

constexpr std::size_t kLanes = 4;
// Enough independent sums to hide the latency of the fused multiply-add.
constexpr std::size_t kSums = 4;

float32x4_t load_row(const std::uint16_t* row) {
  return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16(row)));
}

void convert_to_half(const float* values, std::uint16_t* halves) {
  vst1_u16(halves, vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(values))));
}

}  // namespace

void to_half_neon(const float* values, std::size_t size, std::uint16_t* halves) {
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) convert_to_half(values + i, halves + i);
  if (i == size) return;
  float last_values[kLanes] = {};
  std::uint16_t last_halves[kLanes];
  std::memcpy(last_values, values + i, (size - i) * sizeof(float));
  convert_to_half(last_values, last_halves);
  std::memcpy(halves + i, last_halves, (size - i) * sizeof(std::uint16_t));
}

void to_float_neon(const std::uint16_t* halves, std::size_t size, float* values) {
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) vst1q_f32(values + i, load_row(halves + i));
  if (i == size) return;
  std::uint16_t last_halves[kLanes] = {};
  float last_values[kLanes];
  std::memcpy(last_halves, halves + i, (size - i) * sizeof(std::uint16_t));
  vst1q_f32(last_values, load_row(last_halves));
  std::memcpy(values + i, last_values, (size - i) * sizeof(float));
}

float dot_neon(const float* query, const std::uint16_t* row, std::size_t size) {
  float32x4_t sums[kSums];
  for (float32x4_t& sum : sums) sum = vdupq_n_f32(0);
  std::size_t i = 0;
  for (; i + kSums * kLanes <= size; i += kSums * kLanes) {
    for (std::size_t s = 0; s < kSums; ++s) {
      const std::size_t at = i + s * kLanes;
      sums[s] = vfmaq_f32(sums[s], vld1q_f32(query + at), load_row(row + at));
    }
  }
  for (; i + kLanes <= size; i += kLanes)
    sums[0] = vfmaq_f32(sums[0], vld1q_f32(query + i), load_row(row + i));
  if (i < size) {
    float last_query[kLanes] = {};
    std::uint16_t last_row[kLanes] = {};
    std::memcpy(last_query, query + i, (size - i) * sizeof(float));
    std::memcpy(last_row, row + i, (size - i) * sizeof(std::uint16_t));
    sums[1] = vfmaq_f32(sums[1], vld1q_f32(last_query), load_row(last_row));
  }
  return vaddvq_f32(vaddq_f32(vaddq_f32(sums[0], sums[1]), vaddq_f32(sums[2], sums[3])));
}

}  // namespace vitrine::rank

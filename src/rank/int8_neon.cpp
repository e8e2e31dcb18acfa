// SPDX-License-Identifier: MIT
#include <arm_neon.h>

#include <cstring>

#include "rank/int8_functions.h"

namespace vitrine::rank {
namespace {

constexpr std::size_t kLanes = 16;

int32x4_t add_products(int32x4_t sums, int8x16_t left, int8x16_t right) {
  const int16x8_t low = vmull_s8(vget_low_s8(left), vget_low_s8(right));
  const int16x8_t high = vmull_high_s8(left, right);
  return vpadalq_s16(vpadalq_s16(sums, low), high);
}

struct Lanes {
  int32x4_t products = vdupq_n_s32(0);
  int32x4_t squares = vdupq_n_s32(0);

  void add(int8x16_t query, int8x16_t row) {
    products = add_products(products, query, row);
    squares = add_products(squares, row, row);
  }
};

}  // namespace

Int8Sums int8_sums_neon(const std::int8_t* query, const std::int8_t* row, std::size_t size) {
  Lanes lanes;
  std::size_t i = 0;
  for (; i + kLanes <= size; i += kLanes) lanes.add(vld1q_s8(query + i), vld1q_s8(row + i));
  if (i < size) {
    std::int8_t last_query[kLanes] = {};
    std::int8_t last_row[kLanes] = {};
    std::memcpy(last_query, query + i, size - i);
    std::memcpy(last_row, row + i, size - i);
    lanes.add(vld1q_s8(last_query), vld1q_s8(last_row));
  }
  return {vaddvq_s32(lanes.products), vaddvq_s32(lanes.squares)};
}

}  // namespace vitrine::rank

// SPDX-License-Identifier: MIT
#pragma once
/// Operations on half-precision vectors, one implementation an instruction set. As in hamming/scan.h, these
/// files exchange raw pointers and sizes only. A half is its IEEE 754 binary16 bits.
#include <cstddef>
#include <cstdint>

namespace vitrine::rank {

/// Round to nearest even; beyond the range infinity; NaN keeps sign and leading bits and becomes quiet.
using ToHalfFunction = void (*)(const float* values, std::size_t size, std::uint16_t* halves);
/// Exact; NaN as above.
using ToFloatFunction = void (*)(const std::uint16_t* halves, std::size_t size, float* values);
/// Sums in single precision, in an order of its own.
using DotFunction = float (*)(const float* query, const std::uint16_t* row, std::size_t size);

void to_half_scalar(const float* values, std::size_t size, std::uint16_t* halves);
void to_float_scalar(const std::uint16_t* halves, std::size_t size, float* values);
float dot_scalar(const float* query, const std::uint16_t* row, std::size_t size);

void to_half_avx2(const float* values, std::size_t size, std::uint16_t* halves);
void to_float_avx2(const std::uint16_t* halves, std::size_t size, float* values);
float dot_avx2(const float* query, const std::uint16_t* row, std::size_t size);

float dot_avx512(const float* query, const std::uint16_t* row, std::size_t size);

void to_half_neon(const float* values, std::size_t size, std::uint16_t* halves);
void to_float_neon(const std::uint16_t* halves, std::size_t size, float* values);
float dot_neon(const float* query, const std::uint16_t* row, std::size_t size);

}  // namespace vitrine::rank

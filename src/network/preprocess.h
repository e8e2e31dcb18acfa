// SPDX-License-Identifier: MIT
#pragma once
/// From a picture to the network's input: squashed to a square, x / 127.5 - 1, in the number format of each
/// precision. Order stays as it is, `[height, width, 3]`; source and destination of the conversions have the
/// same length.
#include <cstdint>
#include <span>

#include "vitrine/image.h"

namespace vitrine::network {

/// The picture at the network's input size. ErrorCode::kInvalidArgument if it is empty.
Image to_input_size(const Image& picture, int input_px);

void normalize_to_float32(std::span<const std::uint8_t> pixels, float* destination);

/// Bit patterns of bfloat16, rounded to nearest even.
void normalize_to_bfloat16(std::span<const std::uint8_t> pixels, std::uint16_t* destination);

/// Signed 8-bit: x - 128. The input it stands for is (value + 0.5) / 127.5, exactly; whoever uses it must
/// account for kInt8InputOffset.
void normalize_to_int8(std::span<const std::uint8_t> pixels, std::int8_t* destination);
inline constexpr float kInt8InputScale = 1.0F / 127.5F;
inline constexpr float kInt8InputOffset = 0.5F;

}  // namespace vitrine::network

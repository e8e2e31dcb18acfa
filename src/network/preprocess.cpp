// SPDX-License-Identifier: MIT
#include "network/preprocess.h"

#include <bit>

#include "vitrine/error.h"

namespace vitrine::network {
namespace {

// The loops below are written so that the compiler vectorises them: no branch, no call, restricted pointers.

inline float normalized(std::uint8_t pixel) {
  return static_cast<float>(pixel) * (1.0F / 127.5F) - 1.0F;
}

}  // namespace

Image to_input_size(const Image& picture, int input_px) {
  if (picture.empty()) {
    throw Error(ErrorCode::kInvalidArgument, "cannot embed an empty picture: read or decode one first");
  }
  if (picture.width_px() == input_px && picture.height_px() == input_px) return picture;
  return resize(picture, input_px, input_px);
}

void normalize_to_float32(std::span<const std::uint8_t> pixels, float* __restrict destination) {
  const std::uint8_t* __restrict source = pixels.data();
  for (std::size_t i = 0; i < pixels.size(); ++i) destination[i] = normalized(source[i]);
}

void normalize_to_bfloat16(std::span<const std::uint8_t> pixels, std::uint16_t* __restrict destination) {
  const std::uint8_t* __restrict source = pixels.data();
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    const auto bits = std::bit_cast<std::uint32_t>(normalized(source[i]));
    destination[i] = static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16 & 1U)) >> 16);
  }
}

void normalize_to_int8(std::span<const std::uint8_t> pixels, std::int8_t* __restrict destination) {
  const std::uint8_t* __restrict source = pixels.data();
  for (std::size_t i = 0; i < pixels.size(); ++i)
    destination[i] = static_cast<std::int8_t>(source[i] ^ 0x80U);
}

}  // namespace vitrine::network

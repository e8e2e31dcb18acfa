// SPDX-License-Identifier: MIT
#pragma once
/// What a binarizer knows: bit i of a feature x is set if (projection (x - offsets))[i] > 0. Without a
/// projection it is the identity, without offsets they are zero.
#include <cstddef>
#include <vector>

#include "vitrine/binarizer.h"

namespace vitrine::index {

inline constexpr std::size_t kMaxFeatureDim = 1 << 16;
inline constexpr std::size_t kMaxBinarizerBits = 4096;

struct BinarizerParameters {
  BinarizerMethod method = BinarizerMethod::kSign;
  std::size_t dim = 0;
  std::size_t code_bits = 0;
  std::vector<float> offsets{};     ///< sign: empty; median: `[code_bits]`; ITQ: `[dim]`
  std::vector<float> projection{};  ///< ITQ: `[code_bits, dim]`, row-major; otherwise empty
};

/// Numbers of `offsets` and `projection` that the method needs; both small enough not to overflow in bytes.
std::size_t num_offsets(const BinarizerParameters& parameters);
std::size_t num_projection(const BinarizerParameters& parameters);

}  // namespace vitrine::index

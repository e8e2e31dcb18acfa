// SPDX-License-Identifier: MIT
#pragma once
/// A binarizer as bytes (docs/format.md, "Binarizer"): fixed header, then its floats, each with a checksum.
#include <cstddef>
#include <span>
#include <vector>

#include "index/binarizer_parameters.h"

namespace vitrine::index {

std::vector<std::byte> write_binarizer(const BinarizerParameters& parameters);

/// Throws kCorrupt, with the offset, or kUnsupported. Nothing is allocated before the header has been checked
/// against the number of bytes that are there.
BinarizerParameters read_binarizer(std::span<const std::byte> bytes);

}  // namespace vitrine::index

// SPDX-License-Identifier: MIT
#pragma once
/// What colours a picture has, and roughly where: an opinion on likeness that no network shares.
#include <cstddef>
#include <vector>

#include "vitrine/image.h"

namespace vitrine::clicks {

/// Cells of the grid times bins of a cell.
inline constexpr std::size_t kColourLayoutDim = 5 * (8 * 3 + 4);

/// Shorter side that is enough to describe a picture's colours, for DecodeOptions::min_side_px.
inline constexpr int kColourLayoutPx = 64;

/// Square roots of colour shares `[kColourLayoutDim]`, L2 norm 1, so that 1 - dot product is the squared
/// Hellinger distance. Cells: the four quarters and, counted twice, the middle half, where products are.
/// Bins: 8 hues x 3 degrees of saturation and 4 greys; pixels are shared between neighbouring hues, so that a
/// slight change of light moves little.
std::vector<float> colour_layout(const Image& image);

}  // namespace vitrine::clicks

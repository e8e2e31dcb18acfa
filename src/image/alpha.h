// SPDX-License-Identifier: MIT
#pragma once
/// Transparent pictures are laid over white, the background of most product photos.
#include <cstdint>
#include <vector>

namespace vitrine::image {

/// Turns `[n, 4]` RGBA (alpha not multiplied in) into `[n, 3]` RGB over white, in place.
void lay_over_white(std::vector<std::uint8_t>& pixels);

}  // namespace vitrine::image

// SPDX-License-Identifier: MIT
#pragma once
/// A photograph-like background for composed query pictures.
#include <cstdint>

#include "vitrine/image.h"

namespace vitrine::tools {

/// A wooden tabletop under light from one side, with sensor noise. Equal seeds give equal pictures.
Image wooden_tabletop(int width_px, int height_px, std::uint64_t seed);

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#pragma once
/// Turning pictures upright.
#include "image/decoder.h"

namespace vitrine::image {

/// Rotates and mirrors `picture` as its EXIF orientation asks, source size included; its orientation is 1
/// then.
void turn_upright(Picture& picture);

}  // namespace vitrine::image

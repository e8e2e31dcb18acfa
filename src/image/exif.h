// SPDX-License-Identifier: MIT
#pragma once
/// The one EXIF tag we need: how the camera was held (CIPA DC-008, "Orientation").
#include <cstddef>
#include <span>

namespace vitrine::image {

/// The orientation, 1 to 8, of an EXIF block (a TIFF structure, with or without the prefix "Exif\0\0"). 1,
/// upright, if the tag is missing or the block is damaged: metadata do not make a picture unreadable.
int exif_orientation(std::span<const std::byte> exif);

}  // namespace vitrine::image

// SPDX-License-Identifier: MIT
#pragma once
/// What the decoders of the single formats have in common. A decoder reads the size from the header, has it
/// checked, and only then allocates and decodes; it either fills the whole picture or throws.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "vitrine/image.h"

namespace vitrine::image {

/// The bytes of one file and how to decode them.
struct Source {
  std::span<const std::byte> bytes;
  std::string_view name;
  const DecodeOptions& options;
};

/// A decoded picture as it lies in the file: `pixels` is `[height_px, width_px, 3]`, still to be turned
/// upright.
struct Picture {
  int width_px = 0;
  int height_px = 0;
  int source_width_px = 0;
  int source_height_px = 0;
  /// EXIF orientation, 1 to 8.
  int orientation = 1;
  std::vector<std::uint8_t> pixels;
};

Picture decode_jpeg(const Source& source);
Picture decode_png(const Source& source);
Picture decode_webp(const Source& source);
Picture decode_tiff(const Source& source);
Picture decode_bmp(const Source& source);

}  // namespace vitrine::image

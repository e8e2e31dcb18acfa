// SPDX-License-Identifier: MIT
#pragma once
/// Files of every format and kind of pixel, written with the formats' own libraries.
#include <cstdint>
#include <vector>

#include "image/pictures.h"

namespace vitrine::test {

/// The EXIF block that says only `orientation`, without the prefix "Exif\0\0".
Bytes exif_block(std::uint32_t orientation, bool big_endian = false);

/// `samples` is `[height, width, num_channels]`: 1 grey, 3 RGB, 4 CMYK as Adobe stores it (0 is full ink).
struct JpegKind {
  int num_channels = 3;
  bool progressive = false;
  bool ycck = false;
  int orientation = 0;  ///< 0 writes no EXIF
  bool subsampled = true;
  int quality = 95;
};
Bytes jpeg_file(int width_px, int height_px, const std::vector<std::uint8_t>& samples, const JpegKind& kind);
Bytes jpeg_file(const Image& image, const JpegKind& kind = {});

/// `samples` is `[height, width, channels of colour_type]`, 16-bit samples big-endian, smaller ones packed.
struct PngKind {
  int colour_type = 2;
  int bit_depth = 8;
  bool interlaced = false;
  int orientation = 0;
  std::vector<std::uint8_t> palette = {};        ///< `[n, 3]`
  std::vector<std::uint8_t> palette_alpha = {};  ///< `[n]`
};
Bytes png_file(int width_px, int height_px, const std::vector<std::uint8_t>& samples, const PngKind& kind);
Bytes png_file(const Image& image, const PngKind& kind = {});

/// `rgba` is `[height, width, 4]`.
Bytes webp_file(int width_px, int height_px, const std::vector<std::uint8_t>& rgba, bool lossless);
Bytes webp_file(const Image& image, bool lossless);

/// `samples` is `[height, width, num_channels]`, 16-bit samples in the machine's byte order.
struct TiffKind {
  int num_channels = 3;
  int bits_per_sample = 8;
  int photometric = 2;  ///< PHOTOMETRIC_RGB
  int compression = 1;  ///< COMPRESSION_NONE
  int orientation = 1;
  int tile_px = 0;  ///< 0 writes strips
  int rows_per_strip = 4;
  bool big_tiff = false;
  bool associated_alpha =
      false;  ///< the last channel is alpha, multiplied in; else, of four, not multiplied in
  std::vector<std::uint16_t> palette = {};  ///< `[3, 256]`
};
Bytes tiff_file(int width_px, int height_px, const std::vector<std::uint8_t>& samples, const TiffKind& kind);
Bytes tiff_file(const Image& image, const TiffKind& kind = {});

/// 24-bit, bottom-up.
Bytes bmp_file(const Image& image);

/// The pixels of `image` with alpha 255.
std::vector<std::uint8_t> with_opaque_alpha(const Image& image);

}  // namespace vitrine::test

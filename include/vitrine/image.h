// SPDX-License-Identifier: MIT
#pragma once
/// Pictures in memory, and how to get them there from JPEG, PNG, WebP, TIFF and BMP files that nobody has
/// vetted. All functions may run concurrently; an Image is a plain value.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string_view>
#include <vector>

#include "vitrine/box.h"

namespace vitrine {

struct DecodeOptions {
  /// Pictures whose header announces more pixels than this are refused before any memory is allocated for
  /// them (ErrorCode::kResource).
  std::uint64_t max_pixels = 100'000'000;

  /// 0 decodes at full resolution. Otherwise a JPEG is decoded at the smallest of the scales 1/8, 1/4, 1/2
  /// and 1 that keeps both sides at least this many pixels, which saves most of the work on large photos.
  /// Other formats ignore it. `Image::source_width_px()` always tells the full size.
  int min_side_px = 0;
};

/// An upright 8-bit RGB picture: pixels `[height, width, 3]` uint8, row-major, no padding.
///
/// Grey, palette, 16-bit and CMYK files are converted; transparency is laid over white.
class Image {
 public:
  Image() = default;
  /// Takes `pixels` of shape `[height_px, width_px, 3]`; ErrorCode::kInvalidArgument if the size does not
  /// fit.
  Image(int width_px, int height_px, std::vector<std::uint8_t> pixels);

  /// Reads and decodes a file. ErrorCode::kNotFound or kIo if it cannot be read, kInvalidArgument if it is a
  /// folder, pipe or device, kUnsupported if it is in none of the known formats (told by its first bytes, not
  /// its name) or of a kind that is not read (animated WebP, compressed BMP, floating-point TIFF), kCorrupt
  /// if it is truncated or damaged, kResource if it exceeds `max_pixels`. A damaged file is never returned as
  /// a partly grey picture.
  static Image read(const std::filesystem::path& path, const DecodeOptions& options = {});

  /// Decodes a file already in memory; `name` only serves the error messages.
  static Image decode(std::span<const std::byte> bytes, const DecodeOptions& options = {},
                      std::string_view name = "picture in memory");

  int width_px() const { return width_px_; }
  int height_px() const { return height_px_; }
  bool empty() const { return pixels_.empty(); }
  std::span<const std::uint8_t> pixels() const { return pixels_; }
  std::span<std::uint8_t> pixels() { return pixels_; }

  /// Size of the upright picture in its file, before `min_side_px` reduced it.
  int source_width_px() const { return source_width_px_; }
  int source_height_px() const { return source_height_px_; }

 private:
  friend class ImageBuilder;  // the decoders' access to source size
  int width_px_ = 0;
  int height_px_ = 0;
  int source_width_px_ = 0;
  int source_height_px_ = 0;
  std::vector<std::uint8_t> pixels_;
};

/// Cuts out `box_px`, given in source pixels of `image` (so a box stays valid for a picture decoded at
/// reduced scale); parts outside are clipped. ErrorCode::kInvalidArgument if nothing of the box lies inside
/// the picture. The result's source size is the size of the clipped box.
Image crop(const Image& image, const BoxPx& box_px);

/// Resizes to exactly `width_px` x `height_px`, ignoring the aspect ratio: area-weighted (anti-aliased
/// triangle filter) when shrinking, cubic (Keys 1981, a = -1/2) when enlarging. Keeps the source size.
Image resize(const Image& image, int width_px, int height_px);

/// Encodes as JPEG, quality 1-100. For thumbnails in reports.
std::vector<std::byte> encode_jpeg(const Image& image, int quality = 85);

/// Encodes as PNG.
std::vector<std::byte> encode_png(const Image& image);

}  // namespace vitrine

// SPDX-License-Identifier: MIT
#include "vitrine/image.h"

#include <limits>
#include <string>
#include <utility>

#include "image/decoder.h"
#include "image/format.h"
#include "image/image_builder.h"
#include "image/orientation.h"
#include "image/picture_file.h"
#include "vitrine/error.h"

namespace vitrine {
namespace {

void validate(const DecodeOptions& options) {
  if (options.min_side_px < 0) {
    throw Error(ErrorCode::kInvalidArgument,
                "DecodeOptions::min_side_px must be 0 or more, it is " + std::to_string(options.min_side_px));
  }
}

/// No file worth reading is larger: uncompressed 16-bit RGBA is 8 bytes a pixel; the rest is for metadata.
std::uint64_t max_file_bytes(const DecodeOptions& options) {
  constexpr std::uint64_t kMetadataBytes = std::uint64_t{64} << 20;
  constexpr std::uint64_t kBytesPerPixel = 16;
  constexpr std::uint64_t kLimit = std::numeric_limits<std::ptrdiff_t>::max();
  if (options.max_pixels > (kLimit - kMetadataBytes) / kBytesPerPixel) return kLimit;
  return options.max_pixels * kBytesPerPixel + kMetadataBytes;
}

image::Picture decode_picture(const image::Source& source) {
  switch (image::detect_format(source.bytes, source.name)) {
    case image::Format::kJpeg:
      return image::decode_jpeg(source);
    case image::Format::kPng:
      return image::decode_png(source);
    case image::Format::kWebp:
      return image::decode_webp(source);
    case image::Format::kTiff:
      return image::decode_tiff(source);
    case image::Format::kBmp:
      return image::decode_bmp(source);
  }
  throw Error(ErrorCode::kInternal, "picture format without a decoder");
}

}  // namespace

Image::Image(int width_px, int height_px, std::vector<std::uint8_t> pixels)
    : width_px_(width_px),
      height_px_(height_px),
      source_width_px_(width_px),
      source_height_px_(height_px),
      pixels_(std::move(pixels)) {
  // Two ints multiply to at most 2^62; comparing a third keeps the factor 3 out of the product.
  const bool fits = width_px > 0 && height_px > 0 && pixels_.size() % 3 == 0 &&
                    pixels_.size() / 3 == std::uint64_t(width_px) * std::uint64_t(height_px);
  if (!fits) {
    throw Error(ErrorCode::kInvalidArgument, "an RGB picture of " + std::to_string(width_px) + " x " +
                                                 std::to_string(height_px) + " pixels cannot have " +
                                                 std::to_string(pixels_.size()) + " bytes");
  }
}

Image Image::read(const std::filesystem::path& path, const DecodeOptions& options) {
  validate(options);
  const std::vector<std::byte> bytes = image::read_picture_file(path, max_file_bytes(options));
  return decode(bytes, options, path.native());
}

Image Image::decode(std::span<const std::byte> bytes, const DecodeOptions& options, std::string_view name) {
  validate(options);
  image::Picture picture = decode_picture({bytes, name, options});
  image::turn_upright(picture);
  return ImageBuilder::build(picture.width_px, picture.height_px, std::move(picture.pixels),
                             picture.source_width_px, picture.source_height_px);
}

}  // namespace vitrine

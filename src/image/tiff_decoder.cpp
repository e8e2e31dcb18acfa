// SPDX-License-Identifier: MIT
#include <algorithm>
#include <string>

#include "image/decoder.h"
#include "image/failure.h"
#include "image/tiff_handle.h"

namespace vitrine::image {
namespace {

constexpr std::string_view kFormat = "TIFF";

// Enough for the directory and for the strips or tiles of ordinary files.
constexpr std::uint64_t kBaseBytes = std::uint64_t{64} << 20;
// Above that a file may need memory in proportion to its pixels: 16-bit RGBA in one strip has 8 bytes a
// pixel.
constexpr std::uint64_t kBytesPerPixel = 8;

struct Size {
  std::uint32_t width_px = 0;
  std::uint32_t height_px = 0;
  std::uint64_t num_pixels() const { return std::uint64_t{width_px} * height_px; }
};

[[noreturn]] void throw_damaged(const Source& source, const TiffHandle& tiff, std::string_view otherwise) {
  if (!tiff.first_error().empty()) throw_corrupt(source, kFormat, tiff.first_error());
  if (!tiff.first_warning().empty()) throw_corrupt(source, kFormat, tiff.first_warning());
  throw_corrupt(source, kFormat, otherwise);
}

Size read_size(const Source& source, const TiffHandle& tiff) {
  if (tiff.get() == nullptr) throw_damaged(source, tiff, "the first directory is damaged");
  Size size;
  TIFFGetField(tiff.get(), TIFFTAG_IMAGEWIDTH, &size.width_px);
  TIFFGetField(tiff.get(), TIFFTAG_IMAGELENGTH, &size.height_px);
  check_size(source, kFormat, size.width_px, size.height_px);
  return size;
}

/// Strips and tiles have sizes of their own in the header, which may be far larger than the picture.
void check_buffer(const Source& source, const TiffHandle& tiff, std::uint64_t max_alloc_bytes) {
  const std::uint64_t unit_bytes =
      TIFFIsTiled(tiff.get()) != 0 ? TIFFTileSize64(tiff.get()) : TIFFStripSize64(tiff.get());
  std::uint16_t planes = PLANARCONFIG_CONTIG;
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_PLANARCONFIG, &planes);
  const std::uint64_t num_planes = planes == PLANARCONFIG_SEPARATE ? 4 : 1;  // libtiff holds one unit of each
  if (unit_bytes == 0) throw_damaged(source, tiff, "its strips or tiles have no size");
  if (unit_bytes > max_alloc_bytes / num_planes) {
    throw_too_large(source, kFormat,
                    "one of its strips or tiles unpacks to " + std::to_string(unit_bytes) + " bytes");
  }
}

void check_kind(const Source& source, const TiffHandle& tiff) {
  std::uint16_t compression = COMPRESSION_NONE;
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_COMPRESSION, &compression);
  // libtiff can only guess where the pixels of these files from before 1995 lie.
  if (compression == COMPRESSION_OJPEG)
    throw_unsupported(source, kFormat, "it has old-style JPEG compression");
  char reason[1024] = "";
  if (TIFFRGBAImageOK(tiff.get(), reason) == 0) throw_unsupported(source, kFormat, reason);
}

/// The first page as `[height, width]` packed RGBA with alpha multiplied in, rows and columns as stored.
std::vector<std::uint32_t> read_raster(const Source& source, TiffHandle& tiff, Size size) {
  TIFFRGBAImage reader = {};
  char reason[1024] = "";
  constexpr int kStopOnError = 1;
  if (TIFFRGBAImageBegin(&reader, tiff.get(), kStopOnError, reason) == 0)
    throw_corrupt(source, kFormat, reason);
  const std::unique_ptr<TIFFRGBAImage, decltype(&TIFFRGBAImageEnd)> guard(&reader, &TIFFRGBAImageEnd);
  reader.req_orientation =
      reader.orientation;  // no flipping: libtiff could do four of the eight orientations only
  std::vector<std::uint32_t> raster(size.num_pixels());
  tiff.forget_messages();
  const bool complete = TIFFRGBAImageGet(&reader, raster.data(), size.width_px, size.height_px) != 0;
  // Some codecs only warn and go on when their data end or make no sense.
  if (!complete || !tiff.first_error().empty() || !tiff.first_warning().empty()) {
    throw_damaged(source, tiff, "the pixels are incomplete");
  }
  return raster;
}

std::vector<std::uint8_t> lay_raster_over_white(const std::vector<std::uint32_t>& raster) {
  std::vector<std::uint8_t> pixels(raster.size() * 3);
  std::uint8_t* to = pixels.data();
  for (const std::uint32_t pixel : raster) {
    const std::uint32_t white = 255 - TIFFGetA(pixel);
    *to++ = static_cast<std::uint8_t>(std::min<std::uint32_t>(TIFFGetR(pixel) + white, 255));
    *to++ = static_cast<std::uint8_t>(std::min<std::uint32_t>(TIFFGetG(pixel) + white, 255));
    *to++ = static_cast<std::uint8_t>(std::min<std::uint32_t>(TIFFGetB(pixel) + white, 255));
  }
  return pixels;
}

}  // namespace

Picture decode_tiff(const Source& source) {
  // Opened twice: the memory limit is set on opening, and the right one is known only with the size.
  const Size size = read_size(source, TiffHandle(source.bytes, static_cast<std::int64_t>(kBaseBytes)));
  const std::uint64_t max_alloc_bytes = kBaseBytes + kBytesPerPixel * size.num_pixels();
  TiffHandle tiff(source.bytes, static_cast<std::int64_t>(max_alloc_bytes));
  read_size(source, tiff);
  check_kind(source, tiff);
  check_buffer(source, tiff, max_alloc_bytes);
  std::uint16_t orientation = 1;
  TIFFGetFieldDefaulted(tiff.get(), TIFFTAG_ORIENTATION, &orientation);
  Picture picture;
  picture.width_px = picture.source_width_px = static_cast<int>(size.width_px);
  picture.height_px = picture.source_height_px = static_cast<int>(size.height_px);
  picture.orientation = orientation >= 1 && orientation <= 8 ? orientation : 1;
  picture.pixels = lay_raster_over_white(read_raster(source, tiff, size));
  return picture;
}

}  // namespace vitrine::image

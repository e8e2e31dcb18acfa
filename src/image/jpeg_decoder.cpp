// SPDX-License-Identifier: MIT
#include <algorithm>
#include <cstring>
#include <new>
#include <span>
#include <string>

#include "image/decoder.h"
#include "image/exif.h"
#include "image/failure.h"
#include "image/jpeg_errors.h"

#include <jerror.h>

namespace vitrine::image {
namespace {

constexpr std::string_view kFormat = "JPEG";

// Photos have about ten scans; a hostile file can ask for thousands, each as costly as decoding a whole
// picture.
constexpr int kMaxScans = 100;
constexpr int kTooManyScans = -1;  // beside libjpeg's own codes, which are positive

// A scaled IDCT saves time only at the scales libjpeg-turbo has vector code for; n = 5, 6 and 7 take
// longer than decoding in full, n = 3 longer than n = 4.
constexpr int kFastScales[] = {1, 2, 4};
constexpr int kFullScale = 8;

void stop_after_many_scans(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= kMaxScans) return;
  auto* errors = reinterpret_cast<JpegErrors*>(jpeg->err);
  errors->code = kTooManyScans;
  std::longjmp(errors->jump, 1);
}

/// One file being decoded. No object with a destructor may live in a method that calls setjmp.
class JpegReader {
 public:
  JpegReader() = default;
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&jpeg_); }

  bool read_header(std::span<const std::byte> bytes);
  /// Sets the output size and colours.
  bool prepare(int scale);
  /// Fills `[output_height, output_width, output_components]`.
  bool read_pixels(std::uint8_t* pixels);

  const jpeg_decompress_struct& jpeg() const { return jpeg_; }
  const JpegErrors& errors() const { return errors_; }
  bool is_cmyk() const { return jpeg_.out_color_space == JCS_CMYK; }

 private:
  JpegErrors errors_;
  jpeg_progress_mgr progress_ = {};
  jpeg_decompress_struct jpeg_ = {};
};

bool JpegReader::read_header(std::span<const std::byte> bytes) {
  jpeg_.err = &errors_.base;
  if (setjmp(errors_.jump) != 0) return false;
  jpeg_create_decompress(&jpeg_);
  progress_.progress_monitor = stop_after_many_scans;
  jpeg_.progress = &progress_;
  jpeg_mem_src(&jpeg_, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size());
  jpeg_save_markers(&jpeg_, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&jpeg_, TRUE);
  return true;
}

bool JpegReader::prepare(int scale) {
  if (setjmp(errors_.jump) != 0) return false;
  const bool has_black = jpeg_.jpeg_color_space == JCS_CMYK || jpeg_.jpeg_color_space == JCS_YCCK;
  jpeg_.out_color_space = has_black ? JCS_CMYK : JCS_RGB;
  jpeg_.scale_num = static_cast<unsigned>(scale);
  jpeg_.scale_denom = kFullScale;
  jpeg_calc_output_dimensions(&jpeg_);
  return true;
}

bool JpegReader::read_pixels(std::uint8_t* pixels) {
  if (setjmp(errors_.jump) != 0) return false;
  jpeg_start_decompress(&jpeg_);
  const std::size_t row_bytes =
      std::size_t{jpeg_.output_width} * static_cast<std::size_t>(jpeg_.output_components);
  while (jpeg_.output_scanline < jpeg_.output_height) {
    JSAMPROW row = pixels + row_bytes * jpeg_.output_scanline;
    jpeg_read_scanlines(&jpeg_, &row, 1);
  }
  jpeg_finish_decompress(&jpeg_);  // reads up to the end mark: its absence is a truncation, too
  return true;
}

[[noreturn]] void throw_jpeg_error(const JpegReader& reader, const Source& source) {
  switch (reader.errors().code) {
    case JERR_OUT_OF_MEMORY:
      throw std::bad_alloc();
    case kTooManyScans:
      throw_too_large(source, kFormat, "it has more than " + std::to_string(kMaxScans) + " scans");
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
      throw_unsupported(source, kFormat, reader.errors().message);
    default:
      throw_corrupt(source, kFormat, reader.errors().message);
  }
}

// Huffman coding spends at least one bit on the DC value of each 8 x 8 block. Shorter files are refused
// before memory is allocated for the size they claim.
void check_length(const JpegReader& reader, const Source& source) {
  const jpeg_decompress_struct& jpeg = reader.jpeg();
  const std::uint64_t num_blocks =
      std::uint64_t{(jpeg.image_width + 7) / 8} * std::uint64_t{(jpeg.image_height + 7) / 8};
  if (!jpeg.arith_code && num_blocks / 8 > source.bytes.size()) {
    throw_corrupt(source, kFormat,
                  "its " + std::to_string(source.bytes.size()) + " bytes cannot hold the announced " +
                      std::to_string(jpeg.image_width) + " x " + std::to_string(jpeg.image_height) +
                      " pixels");
  }
}

int choose_scale(const JpegReader& reader, int min_side_px) {
  if (min_side_px == 0) return kFullScale;
  const std::uint64_t shorter_px = std::min(reader.jpeg().image_width, reader.jpeg().image_height);
  for (const int scale : kFastScales) {
    const std::uint64_t scaled_px = (shorter_px * static_cast<unsigned>(scale) + kFullScale - 1) / kFullScale;
    if (scaled_px >= static_cast<std::uint64_t>(min_side_px)) return scale;
  }
  return kFullScale;
}

int orientation_of(const jpeg_decompress_struct& jpeg) {
  for (jpeg_saved_marker_ptr marker = jpeg.marker_list; marker != nullptr; marker = marker->next) {
    const std::span<const std::byte> data(reinterpret_cast<const std::byte*>(marker->data),
                                          marker->data_length);
    if (data.size() >= 6 && std::memcmp(data.data(), "Exif\0\0", 6) == 0) return exif_orientation(data);
  }
  return 1;
}

/// `[n, 4]` ink to `[n, 3]` light, in place. Adobe's files, the usual ones, store the inks inverted: 255 is
/// no ink.
void convert_cmyk(std::vector<std::uint8_t>& pixels, bool inverted) {
  const std::size_t num_pixels = pixels.size() / 4;
  const unsigned flip = inverted ? 0 : 255;
  for (std::size_t i = 0; i < num_pixels; ++i) {
    const unsigned light = pixels[4 * i + 3] ^ flip;
    for (std::size_t channel = 0; channel < 3; ++channel) {
      const unsigned value = (pixels[4 * i + channel] ^ flip) * light;
      pixels[3 * i + channel] = static_cast<std::uint8_t>((value + 127) / 255);
    }
  }
  pixels.resize(num_pixels * 3);
}

}  // namespace

Picture decode_jpeg(const Source& source) {
  JpegReader reader;
  if (!reader.read_header(source.bytes)) throw_jpeg_error(reader, source);
  const jpeg_decompress_struct& jpeg = reader.jpeg();
  check_size(source, kFormat, jpeg.image_width, jpeg.image_height);
  check_length(reader, source);
  if (!reader.prepare(choose_scale(reader, source.options.min_side_px))) throw_jpeg_error(reader, source);
  Picture picture;
  picture.width_px = static_cast<int>(jpeg.output_width);
  picture.height_px = static_cast<int>(jpeg.output_height);
  picture.source_width_px = static_cast<int>(jpeg.image_width);
  picture.source_height_px = static_cast<int>(jpeg.image_height);
  picture.orientation = orientation_of(jpeg);
  const std::size_t num_channels = reader.is_cmyk() ? 4 : 3;
  picture.pixels.resize(std::size_t{jpeg.output_width} * std::size_t{jpeg.output_height} * num_channels);
  if (!reader.read_pixels(picture.pixels.data())) throw_jpeg_error(reader, source);
  if (reader.is_cmyk()) convert_cmyk(picture.pixels, jpeg.saw_Adobe_marker != FALSE);
  return picture;
}

}  // namespace vitrine::image

// SPDX-License-Identifier: MIT
#include <csetjmp>
#include <cstdio>
#include <cstring>
#include <new>
#include <string>

#include "image/alpha.h"
#include "image/byte_order.h"
#include "image/decoder.h"
#include "image/exif.h"
#include "image/failure.h"

#include <png.h>

namespace vitrine::image {
namespace {

constexpr std::string_view kFormat = "PNG";
constexpr std::size_t kHeaderBytes = 33;  // signature and IHDR chunk

/// One file being decoded. No object with a destructor may live in a method that calls setjmp.
class PngReader {
 public:
  explicit PngReader(std::span<const std::byte> bytes) : remaining_(bytes) {
    png_ = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, &keep_and_jump, &ignore_warning);
    if (png_ != nullptr) info_ = png_create_info_struct(png_);
    if (info_ == nullptr) {
      png_destroy_read_struct(&png_, nullptr, nullptr);
      throw std::bad_alloc();
    }
  }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }

  /// Reads up to the pixels and asks for 8-bit RGB or RGBA.
  bool read_header();
  /// Fills `[height, row_bytes]` and reads the rest of the file.
  bool read_pixels(std::uint8_t* pixels, std::size_t row_bytes, std::size_t height_px);

  std::size_t num_channels() const { return png_get_channels(png_, info_); }
  std::span<const std::byte> exif() const;
  const char* message() const { return message_; }

 private:
  static void keep_and_jump(png_structp png, png_const_charp message) {
    auto* reader = static_cast<PngReader*>(png_get_error_ptr(png));
    std::snprintf(reader->message_, sizeof reader->message_, "%s", message);
    png_longjmp(png, 1);
  }
  // libpng warns where it can go on without touching the pixels, for example about a colour profile.
  static void ignore_warning(png_structp, png_const_charp) {}
  static void read_bytes(png_structp png, png_bytep to, std::size_t num_bytes) {
    auto* reader = static_cast<PngReader*>(png_get_io_ptr(png));
    if (num_bytes > reader->remaining_.size()) png_error(png, "the file ends too early");
    std::memcpy(to, reader->remaining_.data(), num_bytes);
    reader->remaining_ = reader->remaining_.subspan(num_bytes);
  }
  void skip_metadata();

  png_structp png_ = nullptr;
  png_infop info_ = nullptr;
  std::span<const std::byte> remaining_;
  char message_[160] = {};
};

// Compressed texts and profiles could unpack to gigabytes; of all ancillary chunks only transparency (tRNS,
// which this call leaves alone) and the orientation are wanted.
void PngReader::skip_metadata() {
  png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  const png_byte exif_chunk[] = {'e', 'X', 'I', 'f', '\0'};
  png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_AS_DEFAULT, exif_chunk, 1);
}

bool PngReader::read_header() {
  if (setjmp(png_jmpbuf(png_)) != 0) return false;
  png_set_read_fn(png_, this, &read_bytes);
  png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_size() has the say
  png_set_crc_action(png_, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  skip_metadata();
  png_read_info(png_, info_);
  png_set_expand(png_);
  png_set_scale_16(png_);
  png_set_gray_to_rgb(png_);
  png_set_interlace_handling(png_);
  png_read_update_info(png_, info_);
  return true;
}

bool PngReader::read_pixels(std::uint8_t* pixels, std::size_t row_bytes, std::size_t height_px) {
  if (setjmp(png_jmpbuf(png_)) != 0) return false;
  if (png_get_rowbytes(png_, info_) != row_bytes) png_error(png_, "unexpected row size");
  const int num_passes =
      png_get_interlace_type(png_, info_) == PNG_INTERLACE_NONE ? 1 : PNG_INTERLACE_ADAM7_PASSES;
  for (int pass = 0; pass < num_passes; ++pass) {
    for (std::size_t y = 0; y < height_px; ++y) png_read_row(png_, pixels + y * row_bytes, nullptr);
  }
  png_read_end(png_, info_);
  return true;
}

std::span<const std::byte> PngReader::exif() const {
  png_uint_32 num_bytes = 0;
  png_bytep bytes = nullptr;
  if (png_get_eXIf_1(png_, info_, &num_bytes, &bytes) == 0) return {};
  return {reinterpret_cast<const std::byte*>(bytes), num_bytes};
}

// Deflate shrinks by 1032 at most. Shorter files are refused before memory is allocated for the size they
// claim.
void check_length(const Source& source, std::uint64_t width_px, std::uint64_t height_px) {
  constexpr std::uint64_t kMaxDeflateRatio = 1032;
  const std::uint64_t bits_per_sample = u8_at(source.bytes, 24);
  const std::uint64_t min_bits = width_px * height_px * bits_per_sample;  // one sample a pixel, or more
  if (min_bits / 8 / kMaxDeflateRatio > source.bytes.size()) {
    throw_corrupt(source, kFormat,
                  "its " + std::to_string(source.bytes.size()) + " bytes cannot hold the announced " +
                      std::to_string(width_px) + " x " + std::to_string(height_px) + " pixels");
  }
}

}  // namespace

Picture decode_png(const Source& source) {
  if (source.bytes.size() < kHeaderBytes || be32_at(source.bytes, 12) != 0x49484452) {  // "IHDR"
    throw_corrupt(source, kFormat, "the header is incomplete");
  }
  const std::uint32_t width_px = be32_at(source.bytes, 16);
  const std::uint32_t height_px = be32_at(source.bytes, 20);
  check_size(source, kFormat, width_px, height_px);
  check_length(source, width_px, height_px);
  PngReader reader(source.bytes);
  if (!reader.read_header()) throw_corrupt(source, kFormat, reader.message());
  Picture picture;
  picture.width_px = picture.source_width_px = static_cast<int>(width_px);
  picture.height_px = picture.source_height_px = static_cast<int>(height_px);
  const std::size_t row_bytes = std::size_t{width_px} * reader.num_channels();
  picture.pixels.resize(row_bytes * height_px);
  if (!reader.read_pixels(picture.pixels.data(), row_bytes, height_px)) {
    throw_corrupt(source, kFormat, reader.message());
  }
  picture.orientation = exif_orientation(reader.exif());
  if (reader.num_channels() == 4) lay_over_white(picture.pixels);
  return picture;
}

}  // namespace vitrine::image

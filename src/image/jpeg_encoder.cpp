// SPDX-License-Identifier: MIT
#include <cstdlib>
#include <new>
#include <string>

#include "image/jpeg_errors.h"
#include "vitrine/error.h"
#include "vitrine/image.h"

#include <jerror.h>

namespace vitrine {
namespace {

/// One picture being encoded. No object with a destructor may live in a method that calls setjmp.
class JpegWriter {
 public:
  JpegWriter() = default;
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;
  ~JpegWriter() {
    jpeg_destroy_compress(&jpeg_);
    std::free(buffer_);
  }

  bool write(const Image& image, int quality);
  std::span<const std::byte> bytes() const {
    return {reinterpret_cast<const std::byte*>(buffer_), num_bytes_};
  }
  const image::JpegErrors& errors() const { return errors_; }

 private:
  image::JpegErrors errors_;
  jpeg_compress_struct jpeg_ = {};
  unsigned char* buffer_ = nullptr;
  unsigned long num_bytes_ = 0;
};

bool JpegWriter::write(const Image& image, int quality) {
  jpeg_.err = &errors_.base;
  if (setjmp(errors_.jump) != 0) return false;
  jpeg_create_compress(&jpeg_);
  jpeg_mem_dest(&jpeg_, &buffer_, &num_bytes_);
  jpeg_.image_width = static_cast<JDIMENSION>(image.width_px());
  jpeg_.image_height = static_cast<JDIMENSION>(image.height_px());
  jpeg_.input_components = 3;
  jpeg_.in_color_space = JCS_RGB;
  jpeg_set_defaults(&jpeg_);
  jpeg_set_quality(&jpeg_, quality, TRUE);
  jpeg_start_compress(&jpeg_, TRUE);
  const std::size_t row_bytes = std::size_t{3} * jpeg_.image_width;
  while (jpeg_.next_scanline < jpeg_.image_height) {
    // libjpeg's rows are not const, though it only reads them.
    auto* row = const_cast<JSAMPROW>(image.pixels().data() + row_bytes * jpeg_.next_scanline);
    jpeg_write_scanlines(&jpeg_, &row, 1);
  }
  jpeg_finish_compress(&jpeg_);
  return true;
}

}  // namespace

std::vector<std::byte> encode_jpeg(const Image& image, int quality) {
  if (image.empty()) throw Error(ErrorCode::kInvalidArgument, "cannot encode an empty picture as JPEG");
  if (quality < 1 || quality > 100) {
    throw Error(ErrorCode::kInvalidArgument,
                "JPEG quality must be between 1 and 100, it is " + std::to_string(quality));
  }
  if (image.width_px() > JPEG_MAX_DIMENSION || image.height_px() > JPEG_MAX_DIMENSION) {
    throw Error(ErrorCode::kInvalidArgument, "a JPEG picture has sides of at most " +
                                                 std::to_string(JPEG_MAX_DIMENSION) +
                                                 " pixels, this one has " + std::to_string(image.width_px()) +
                                                 " x " + std::to_string(image.height_px()));
  }
  JpegWriter writer;
  if (!writer.write(image, quality)) {
    if (writer.errors().code == JERR_OUT_OF_MEMORY) throw std::bad_alloc();
    throw Error(ErrorCode::kInternal,
                std::string("cannot encode a JPEG picture: ") + writer.errors().message);
  }
  return {writer.bytes().begin(), writer.bytes().end()};
}

}  // namespace vitrine

// SPDX-License-Identifier: MIT
#include <png.h>

#include <string>

#include "vitrine/error.h"
#include "vitrine/image.h"

namespace vitrine {

std::vector<std::byte> encode_png(const Image& image) {
  if (image.empty()) throw Error(ErrorCode::kInvalidArgument, "cannot encode an empty picture as PNG");
  png_image png = {};
  png.version = PNG_IMAGE_VERSION;
  png.width = static_cast<png_uint_32>(image.width_px());
  png.height = static_cast<png_uint_32>(image.height_px());
  png.format = PNG_FORMAT_RGB;
  // An upper bound; asking libpng for the exact size would encode everything twice.
  png_alloc_size_t num_bytes = PNG_IMAGE_PNG_SIZE_MAX(png);
  std::vector<std::byte> bytes(num_bytes);
  if (png_image_write_to_memory(&png, bytes.data(), &num_bytes, 0, image.pixels().data(), 0, nullptr) == 0) {
    throw Error(ErrorCode::kInternal, std::string("cannot encode a PNG picture: ") + png.message);
  }
  bytes.resize(num_bytes);
  return bytes;
}

}  // namespace vitrine

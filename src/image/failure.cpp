// SPDX-License-Identifier: MIT
#include "image/failure.h"

#include <algorithm>
#include <limits>
#include <string>

namespace vitrine::image {
namespace {

[[noreturn]] void throw_failure(ErrorCode code, const Source& source, std::string_view format,
                                std::string_view found, std::string_view advice) {
  std::string message = "cannot decode '";
  message.append(source.name).append("' as ").append(format).append(": ").append(found).append(advice);
  throw Error(code, message);
}

// Decoders hold at most 8 bytes a pixel at a time; below this their sizes cannot overflow.
constexpr std::uint64_t kMaxAddressablePixels = std::numeric_limits<std::ptrdiff_t>::max() / 16;
constexpr std::uint64_t kMaxSidePx = std::numeric_limits<int>::max();

}  // namespace

void throw_corrupt(const Source& source, std::string_view format, std::string_view found) {
  throw_failure(ErrorCode::kCorrupt, source, format, found, "; fetch a complete copy of the file");
}

void throw_unsupported(const Source& source, std::string_view format, std::string_view found) {
  throw_failure(ErrorCode::kUnsupported, source, format, found, "; convert it to an 8-bit RGB JPEG or PNG");
}

void throw_too_large(const Source& source, std::string_view format, std::string_view found) {
  throw_failure(ErrorCode::kResource, source, format, found,
                "; raise DecodeOptions::max_pixels if the file is trusted");
}

void check_size(const Source& source, std::string_view format, std::uint64_t width_px,
                std::uint64_t height_px) {
  const std::string size = std::to_string(width_px) + " x " + std::to_string(height_px) + " pixels";
  if (width_px == 0 || height_px == 0) throw_corrupt(source, format, "the header announces " + size);
  const std::uint64_t max_pixels = std::min(source.options.max_pixels, kMaxAddressablePixels);
  if (width_px > kMaxSidePx || height_px > kMaxSidePx || width_px > max_pixels / height_px) {
    throw_too_large(source, format,
                    "the header announces " + size + ", the limit is " + std::to_string(max_pixels));
  }
}

}  // namespace vitrine::image

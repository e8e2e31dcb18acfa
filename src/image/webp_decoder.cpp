// SPDX-License-Identifier: MIT
#include <webp/decode.h>

#include <new>
#include <string>

#include "image/alpha.h"
#include "image/byte_order.h"
#include "image/decoder.h"
#include "image/exif.h"
#include "image/failure.h"

namespace vitrine::image {
namespace {

constexpr std::string_view kFormat = "WebP";
constexpr std::size_t kRiffHeaderBytes = 12;
constexpr std::size_t kChunkHeaderBytes = 8;

/// The RIFF container without what may follow it. kCorrupt if the file is shorter than it says.
std::span<const std::byte> container_of(const Source& source) {
  const std::uint64_t announced = std::uint64_t{le32_at(source.bytes, 4)} + 8;
  if (announced > source.bytes.size()) {
    throw_corrupt(source, kFormat,
                  "the file has " + std::to_string(source.bytes.size()) + " of the announced " +
                      std::to_string(announced) + " bytes");
  }
  if (announced < kRiffHeaderBytes + kChunkHeaderBytes) throw_corrupt(source, kFormat, "it holds no picture");
  return source.bytes.first(announced);
}

int orientation_of(std::span<const std::byte> container) {
  std::size_t offset = kRiffHeaderBytes;
  while (container.size() - offset >= kChunkHeaderBytes) {
    const std::uint32_t name = be32_at(container, offset);
    const std::size_t num_bytes = le32_at(container, offset + 4);
    offset += kChunkHeaderBytes;
    if (num_bytes > container.size() - offset) break;
    if (name == 0x45584946) return exif_orientation(container.subspan(offset, num_bytes));  // "EXIF"
    const std::size_t padded = num_bytes + num_bytes % 2;
    if (padded > container.size() - offset) break;
    offset += padded;
  }
  return 1;
}

void check_status(const Source& source, VP8StatusCode status) {
  switch (status) {
    case VP8_STATUS_OK:
      return;
    case VP8_STATUS_OUT_OF_MEMORY:
      throw std::bad_alloc();
    case VP8_STATUS_UNSUPPORTED_FEATURE:
      throw_unsupported(source, kFormat, "it uses an unknown feature");
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      throw_corrupt(source, kFormat, "the pixels end too early");
    default:
      throw_corrupt(source, kFormat, "the bit stream is damaged");
  }
}

}  // namespace

Picture decode_webp(const Source& source) {
  const std::span<const std::byte> container = container_of(source);
  const auto* data = reinterpret_cast<const std::uint8_t*>(container.data());
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0)
    throw Error(ErrorCode::kInternal, "libwebp has an unexpected version");
  check_status(source, WebPGetFeatures(data, container.size(), &config.input));
  const auto width_px = static_cast<std::uint64_t>(config.input.width);
  const auto height_px = static_cast<std::uint64_t>(config.input.height);
  check_size(source, kFormat, width_px, height_px);
  if (config.input.has_animation != 0) throw_unsupported(source, kFormat, "it is an animation");
  Picture picture;
  picture.width_px = picture.source_width_px = config.input.width;
  picture.height_px = picture.source_height_px = config.input.height;
  const bool has_alpha = config.input.has_alpha != 0;
  const std::size_t num_channels = has_alpha ? 4 : 3;
  picture.pixels.resize(width_px * height_px * num_channels);
  config.output.colorspace = has_alpha ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = picture.pixels.data();
  config.output.u.RGBA.stride = static_cast<int>(width_px * num_channels);
  config.output.u.RGBA.size = picture.pixels.size();
  check_status(source, WebPDecode(data, container.size(), &config));
  if (has_alpha) lay_over_white(picture.pixels);
  picture.orientation = orientation_of(container);
  return picture;
}

}  // namespace vitrine::image

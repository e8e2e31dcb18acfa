// SPDX-License-Identifier: MIT
/// Uncompressed BMP. The format is simple enough that checking a header for somebody else's decoder would be
/// most of the work of decoding it.
#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <string>

#include "image/alpha.h"
#include "image/byte_order.h"
#include "image/decoder.h"
#include "image/failure.h"

namespace vitrine::image {
namespace {

constexpr std::string_view kFormat = "BMP";
constexpr std::size_t kFileHeaderBytes = 14;
constexpr std::uint32_t kCoreHeaderBytes = 12;  // OS/2 1.x: 16-bit sides, palette of 3 bytes
constexpr std::uint32_t kCompressionNone = 0;
constexpr std::uint32_t kCompressionMasks = 3;
constexpr std::uint32_t kCompressionMasksAlpha = 6;

/// The bits of a 16- or 32-bit pixel that make up one channel.
struct Channel {
  std::uint32_t mask = 0;

  std::uint8_t value(std::uint32_t pixel) const {
    const std::uint64_t max = mask >> std::countr_zero(mask);
    const std::uint64_t bits = (pixel & mask) >> std::countr_zero(mask);
    if (max == 255) return static_cast<std::uint8_t>(bits);  // nearly always: saves the division
    return static_cast<std::uint8_t>((bits * 255 + max / 2) / max);
  }
};

struct Header {
  std::uint32_t header_bytes = 0;
  std::int64_t width_px = 0;
  std::int64_t height_px = 0;
  bool top_down = false;
  std::uint32_t bits_per_pixel = 0;
  std::uint32_t compression = kCompressionNone;
  std::size_t pixels_offset = 0;
  std::array<Channel, 4> channels;  // red, green, blue, alpha; an empty mask is "not there"

  bool has_palette() const { return bits_per_pixel <= 8; }
  bool has_alpha() const { return !has_palette() && channels[3].mask != 0; }
  std::size_t row_bytes() const {
    return (static_cast<std::size_t>(width_px) * bits_per_pixel + 31) / 32 * 4;
  }
};

Header read_header(const Source& source) {
  const std::span<const std::byte> bytes = source.bytes;
  Header header;
  header.header_bytes = le32_at(bytes, kFileHeaderBytes);  // inside: the format would not have been detected
  if (kFileHeaderBytes + header.header_bytes > bytes.size()) {
    throw_corrupt(source, kFormat, "the header is incomplete");
  }
  header.pixels_offset = le32_at(bytes, 10);
  if (header.header_bytes == kCoreHeaderBytes) {
    header.width_px = le16_at(bytes, 18);
    header.height_px = le16_at(bytes, 20);
    header.bits_per_pixel = le16_at(bytes, 24);
    return header;
  }
  header.width_px = std::bit_cast<std::int32_t>(le32_at(bytes, 18));
  header.height_px = std::bit_cast<std::int32_t>(le32_at(bytes, 22));
  header.bits_per_pixel = le16_at(bytes, 28);
  header.compression = le32_at(bytes, 30);
  header.top_down = header.height_px < 0;
  if (header.top_down) header.height_px = -header.height_px;
  if (header.width_px < 0) throw_corrupt(source, kFormat, "the width is negative");
  return header;
}

/// Masks follow a 40-byte header or are part of a longer one, at the same place.
void read_masks(const Source& source, Header& header) {
  constexpr std::size_t kMasksOffset = kFileHeaderBytes + 40;
  const bool announced = header.compression != kCompressionNone;
  if (!announced) {
    const bool is_short = header.bits_per_pixel == 16;
    header.channels[0].mask = is_short ? 0x7c00 : 0xff0000;
    header.channels[1].mask = is_short ? 0x03e0 : 0x00ff00;
    header.channels[2].mask = is_short ? 0x001f : 0x0000ff;
    return;
  }
  const bool has_alpha = header.header_bytes >= 56 || header.compression == kCompressionMasksAlpha;
  const std::size_t num_masks = has_alpha ? 4 : 3;
  if (kMasksOffset + 4 * num_masks > source.bytes.size())
    throw_corrupt(source, kFormat, "the header is incomplete");
  for (std::size_t i = 0; i < num_masks; ++i) {
    const std::uint32_t mask = le32_at(source.bytes, kMasksOffset + 4 * i);
    header.channels[i].mask = mask;
    const std::uint32_t shifted = mask == 0 ? 0 : mask >> std::countr_zero(mask);
    const bool has_gaps = (shifted & (shifted + 1)) != 0;
    if (has_gaps || (mask == 0 && i < 3)) throw_corrupt(source, kFormat, "a colour mask makes no sense");
  }
}

void check_header(const Source& source, const Header& header) {
  check_size(source, kFormat, static_cast<std::uint64_t>(header.width_px),
             static_cast<std::uint64_t>(header.height_px));
  constexpr std::uint32_t kDepths[] = {1, 4, 8, 16, 24, 32};
  if (std::ranges::find(kDepths, header.bits_per_pixel) == std::end(kDepths)) {
    throw_unsupported(source, kFormat, "it has " + std::to_string(header.bits_per_pixel) + " bits a pixel");
  }
  const bool has_masks =
      header.compression == kCompressionMasks || header.compression == kCompressionMasksAlpha;
  const bool may_have_masks = header.bits_per_pixel == 16 || header.bits_per_pixel == 32;
  if (header.compression != kCompressionNone && !(has_masks && may_have_masks)) {
    throw_unsupported(source, kFormat,
                      "it is compressed (method " + std::to_string(header.compression) + ")");
  }
  const std::size_t headers_end = kFileHeaderBytes + header.header_bytes;
  const std::size_t size = source.bytes.size();
  if (header.pixels_offset < headers_end || header.pixels_offset > size) {
    throw_corrupt(source, kFormat, "the pixels lie outside the file");
  }
  if ((size - header.pixels_offset) / header.row_bytes() < static_cast<std::size_t>(header.height_px)) {
    throw_corrupt(source, kFormat, "the pixels end too early");
  }
}

using Palette = std::array<std::array<std::uint8_t, 3>, 256>;

/// Colours beyond the end of the palette are black, as usual.
Palette read_palette(const Source& source, const Header& header) {
  const std::size_t entry_bytes = header.header_bytes == kCoreHeaderBytes ? 3 : 4;
  const std::size_t begin = kFileHeaderBytes + header.header_bytes;
  const std::size_t room = (header.pixels_offset - begin) / entry_bytes;
  const std::size_t num_colours = std::min(room, std::size_t{1} << header.bits_per_pixel);
  Palette palette = {};
  for (std::size_t i = 0; i < num_colours; ++i) {
    for (std::size_t channel = 0; channel < 3; ++channel) {
      palette[i][channel] =
          static_cast<std::uint8_t>(u8_at(source.bytes, begin + i * entry_bytes + 2 - channel));
    }
  }
  return palette;
}

void read_palette_row(std::span<const std::byte> row, const Palette& palette, std::uint32_t bits,
                      std::size_t width, std::uint8_t* to) {
  const std::uint32_t mask = (1u << bits) - 1;
  for (std::size_t x = 0; x < width; ++x, to += 3) {
    const std::size_t first_bit = x * bits;
    const std::uint32_t index = u8_at(row, first_bit / 8) >> (8 - bits - first_bit % 8) & mask;
    std::copy_n(palette[index].data(), 3, to);
  }
}

void read_colour_row(std::span<const std::byte> row, const Header& header, std::uint8_t* to) {
  const std::size_t num_channels = header.has_alpha() ? 4 : 3;
  const std::size_t pixel_bytes = header.bits_per_pixel / 8;
  for (std::size_t x = 0; x < static_cast<std::size_t>(header.width_px); ++x) {
    std::uint32_t pixel = 0;
    for (std::size_t i = 0; i < pixel_bytes; ++i) pixel |= u8_at(row, x * pixel_bytes + i) << (8 * i);
    for (std::size_t channel = 0; channel < num_channels; ++channel) {
      *to++ = header.channels[channel].value(pixel);
    }
  }
}

// Programs that know nothing of alpha leave it zero everywhere; such a picture is meant to be opaque.
void make_opaque_if_invisible(std::vector<std::uint8_t>& rgba) {
  for (std::size_t i = 3; i < rgba.size(); i += 4) {
    if (rgba[i] != 0) return;
  }
  for (std::size_t i = 3; i < rgba.size(); i += 4) rgba[i] = 255;
}

}  // namespace

Picture decode_bmp(const Source& source) {
  Header header = read_header(source);
  check_header(source, header);
  if (!header.has_palette()) read_masks(source, header);
  Picture picture;
  picture.width_px = picture.source_width_px = static_cast<int>(header.width_px);
  picture.height_px = picture.source_height_px = static_cast<int>(header.height_px);
  const auto width = static_cast<std::size_t>(header.width_px);
  const auto height = static_cast<std::size_t>(header.height_px);
  const std::size_t out_row_bytes = width * (header.has_alpha() ? 4 : 3);
  picture.pixels.resize(out_row_bytes * height);
  const Palette palette = header.has_palette() ? read_palette(source, header) : Palette{};
  for (std::size_t y = 0; y < height; ++y) {
    const std::size_t stored_y = header.top_down ? y : height - 1 - y;
    const auto row =
        source.bytes.subspan(header.pixels_offset + stored_y * header.row_bytes(), header.row_bytes());
    std::uint8_t* to = picture.pixels.data() + y * out_row_bytes;
    if (header.has_palette()) {
      read_palette_row(row, palette, header.bits_per_pixel, width, to);
    } else {
      read_colour_row(row, header, to);
    }
  }
  if (header.has_alpha()) {
    make_opaque_if_invisible(picture.pixels);
    lay_over_white(picture.pixels);
  }
  return picture;
}

}  // namespace vitrine::image

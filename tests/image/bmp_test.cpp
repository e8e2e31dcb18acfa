// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "image/pictures.h"
#include "image/raw_pictures.h"

namespace vitrine {
namespace {

using test::Bytes;
using test::put_le16;
using test::put_le32;
using test::same_pixels;

/// A bottom-up BMP of one row; `extra` lies between header and pixels (masks or palette).
Bytes one_row(int width_px, std::uint32_t bits_per_pixel, std::uint32_t compression, const Bytes& extra,
              const std::vector<std::uint32_t>& row_words, std::uint32_t header_bytes = 40) {
  Bytes bytes(54);
  bytes[0] = std::byte{'B'};
  bytes[1] = std::byte{'M'};
  put_le32(bytes, 10, static_cast<std::uint32_t>(54 + extra.size()));
  put_le32(bytes, 14, header_bytes);
  put_le32(bytes, 18, static_cast<std::uint32_t>(width_px));
  put_le32(bytes, 22, 1);
  put_le16(bytes, 26, 1);
  put_le16(bytes, 28, bits_per_pixel);
  put_le32(bytes, 30, compression);
  test::append(bytes, extra);
  for (const std::uint32_t word : row_words) {
    bytes.resize(bytes.size() + 4);
    put_le32(bytes, bytes.size() - 4, word);
  }
  return bytes;
}

Bytes words(const std::vector<std::uint32_t>& values) {
  Bytes bytes(4 * values.size());
  for (std::size_t i = 0; i < values.size(); ++i) put_le32(bytes, 4 * i, values[i]);
  return bytes;
}

}  // namespace

TEST_CASE("a 24-bit BMP is decoded, bottom-up and top-down") {
  const Image image = test::noise(13, 9, 2);
  Bytes file = test::bmp_file(image);
  CHECK(same_pixels(Image::decode(file), image));
  put_le32(file, 22, static_cast<std::uint32_t>(-9));
  const Image flipped = test::rearrange(image, 13, 9, [](test::Point p) {
    return test::Point{p.x, 8 - p.y};
  });
  CHECK(same_pixels(Image::decode(file), flipped));
}

TEST_CASE("palette BMPs of 1, 4 and 8 bits become RGB") {
  const Bytes palette = words({0x0a141e, 0x28323c});
  const Image expected(3, 1, {40, 50, 60, 10, 20, 30, 40, 50, 60});
  CHECK(same_pixels(Image::decode(one_row(3, 1, 0, palette, {0xa0})), expected));
  CHECK(same_pixels(Image::decode(one_row(3, 4, 0, palette, {0x1001})),
                    Image(3, 1, {10, 20, 30, 40, 50, 60, 40, 50, 60})));
  CHECK(same_pixels(Image::decode(one_row(3, 8, 0, palette, {0x010001})), expected));
  const Image beyond = Image::decode(one_row(1, 8, 0, palette, {0xff}));
  CHECK(same_pixels(beyond, Image(1, 1, {0, 0, 0})));
}

TEST_CASE("16- and 32-bit BMPs are decoded by their masks") {
  CHECK(same_pixels(Image::decode(one_row(2, 16, 0, {}, {0x001f7c00})), Image(2, 1, {255, 0, 0, 0, 0, 255})));
  CHECK(same_pixels(Image::decode(one_row(2, 16, 3, words({0xf800, 0x07e0, 0x001f}), {0x001f07e0})),
                    Image(2, 1, {0, 255, 0, 0, 0, 255})));
  CHECK(same_pixels(Image::decode(one_row(1, 32, 0, {}, {0xff0a141e})), Image(1, 1, {10, 20, 30})));
  CHECK(same_pixels(Image::decode(one_row(1, 32, 3, words({0xff, 0xff00, 0xff0000}), {0x1e140a})),
                    Image(1, 1, {10, 20, 30})));
}

TEST_CASE("a 32-bit BMP with an alpha mask is laid over white unless alpha is zero everywhere") {
  const Bytes masks = words({0xff0000, 0xff00, 0xff, 0xff000000});
  CHECK(same_pixels(Image::decode(one_row(2, 32, 3, masks, {0x330a141e, 0xff0a141e}, 56)),
                    Image(2, 1, {206, 208, 210, 10, 20, 30})));
  CHECK(same_pixels(Image::decode(one_row(1, 32, 3, masks, {0x000a141e}, 56)), Image(1, 1, {10, 20, 30})));
}

TEST_CASE("a compressed BMP is refused as unsupported") {
  for (const std::uint32_t compression : {1, 2, 4, 5}) {
    CHECK(test::decoding_code(one_row(3, 8, compression, words({0, 0}), {0})) == ErrorCode::kUnsupported);
  }
}

}  // namespace vitrine

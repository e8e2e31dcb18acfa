// SPDX-License-Identifier: MIT
#include <tiff.h>

#include <catch2/catch.hpp>
#include <cstring>

#include "image/pictures.h"
#include "image/raw_pictures.h"

namespace vitrine {
namespace {

using test::Bytes;
using test::noise;
using test::same_pixels;
using test::tiff_file;
using test::TiffKind;

std::vector<std::uint8_t> as_16_bits(std::span<const std::uint8_t> samples) {
  std::vector<std::uint8_t> wide(2 * samples.size());
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const std::uint16_t value = static_cast<std::uint16_t>(samples[i] * 257);
    std::memcpy(wide.data() + 2 * i, &value, 2);
  }
  return wide;
}

}  // namespace

TEST_CASE("an RGB TIFF is decoded from strips and tiles, with every lossless compression") {
  const Image image = noise(45, 37, 2);
  for (const int compression :
       {COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_PACKBITS}) {
    for (const int tile_px : {0, 16}) {
      INFO(compression << " " << tile_px);
      CHECK(same_pixels(Image::decode(tiff_file(image, {.compression = compression, .tile_px = tile_px})),
                        image));
    }
  }
  CHECK(same_pixels(Image::decode(tiff_file(image, {.big_tiff = true})), image));
}

TEST_CASE("a 16-bit TIFF becomes an 8-bit picture") {
  const Image image = noise(45, 37, 2);
  CHECK(same_pixels(Image::decode(tiff_file(45, 37, as_16_bits(image.pixels()), {.bits_per_sample = 16})),
                    image));
  const TiffKind grey = {.num_channels = 1, .bits_per_sample = 16, .photometric = PHOTOMETRIC_MINISBLACK};
  const std::vector<std::uint8_t> samples = {7, 200};
  CHECK(same_pixels(Image::decode(tiff_file(2, 1, as_16_bits(samples), grey)),
                    Image(2, 1, {7, 7, 7, 200, 200, 200})));
}

TEST_CASE("grey, inverted, bilevel and palette TIFFs become RGB") {
  TiffKind kind = {.num_channels = 1, .photometric = PHOTOMETRIC_MINISBLACK};
  CHECK(same_pixels(Image::decode(tiff_file(2, 1, {7, 200}, kind)), Image(2, 1, {7, 7, 7, 200, 200, 200})));
  kind.photometric = PHOTOMETRIC_MINISWHITE;
  CHECK(
      same_pixels(Image::decode(tiff_file(2, 1, {0, 200}, kind)), Image(2, 1, {255, 255, 255, 55, 55, 55})));
  kind.photometric = PHOTOMETRIC_PALETTE;
  kind.palette.resize(768);
  kind.palette[5] = 10 * 257;
  kind.palette[256 + 5] = 20 * 257;
  kind.palette[512 + 5] = 30 * 257;
  CHECK(same_pixels(Image::decode(tiff_file(2, 1, {5, 0}, kind)), Image(2, 1, {10, 20, 30, 0, 0, 0})));
}

TEST_CASE("a CMYK TIFF becomes RGB") {
  const TiffKind kind = {.num_channels = 4, .photometric = PHOTOMETRIC_SEPARATED};
  const Image image = Image::decode(tiff_file(2, 1, {255, 0, 0, 0, 0, 0, 0, 255}, kind));
  CHECK(same_pixels(image, Image(2, 1, {0, 255, 255, 0, 0, 0})));
}

TEST_CASE("a transparent TIFF is laid over white, whether alpha is multiplied in or not") {
  const Image straight =
      Image::decode(tiff_file(2, 1, {10, 20, 30, 255, 100, 50, 0, 51}, {.num_channels = 4}));
  CHECK(same_pixels(straight, Image(2, 1, {10, 20, 30, 224, 214, 204})));
  const TiffKind kind = {.num_channels = 4, .associated_alpha = true};
  const Image multiplied = Image::decode(tiff_file(2, 1, {10, 20, 30, 255, 20, 10, 0, 51}, kind));
  CHECK(same_pixels(multiplied, Image(2, 1, {10, 20, 30, 224, 214, 204})));
}

TEST_CASE("all eight orientations of a TIFF are turned upright") {
  const Image upright = noise(20, 11, 8);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    for (const int tile_px : {0, 16}) {
      INFO(orientation << " " << tile_px);
      const Image stored = test::as_stored(upright, orientation);
      CHECK(same_pixels(Image::decode(tiff_file(stored, {.orientation = orientation, .tile_px = tile_px})),
                        upright));
    }
  }
}

TEST_CASE("a JPEG-compressed TIFF is decoded") {
  const Image image = test::gradient(64, 48);
  const Bytes file = tiff_file(image, {.compression = COMPRESSION_JPEG, .rows_per_strip = 16});
  CHECK(test::psnr(Image::decode(file), image) > 30);
}

TEST_CASE("a TIFF of floating-point samples is refused as unsupported") {
  const TiffKind kind = {.num_channels = 1, .bits_per_sample = 32, .photometric = PHOTOMETRIC_MINISBLACK};
  CHECK(test::decoding_code(tiff_file(2, 1, std::vector<std::uint8_t>(8), kind)) == ErrorCode::kUnsupported);
}

}  // namespace vitrine

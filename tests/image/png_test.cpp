// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "image/pictures.h"
#include "image/raw_pictures.h"

namespace vitrine {
namespace {

using test::Bytes;
using test::noise;
using test::png_file;
using test::PngKind;
using test::same_pixels;

constexpr int kGrey = 0;
constexpr int kPalette = 3;
constexpr int kGreyAlpha = 4;
constexpr int kRgba = 6;

std::uint8_t over_white(int value, int alpha) {
  return static_cast<std::uint8_t>((value * alpha + 255 * (255 - alpha) + 127) / 255);
}

Image row(const std::vector<std::uint8_t>& pixels) {
  return Image(int(pixels.size() / 3), 1, pixels);
}

}  // namespace

TEST_CASE("what is encoded as PNG is decoded without loss") {
  const Image image = noise(31, 23, 2);
  CHECK(same_pixels(Image::decode(encode_png(image)), image));
  CHECK_THROWS_AS(encode_png(Image()), Error);
}

TEST_CASE("an interlaced PNG is decoded") {
  const Image image = noise(31, 23, 2);
  CHECK(same_pixels(Image::decode(png_file(image, {.interlaced = true})), image));
  CHECK(same_pixels(Image::decode(png_file(noise(1, 1, 2), {.interlaced = true})), noise(1, 1, 2)));
}

TEST_CASE("a 16-bit PNG is rounded to 8 bits") {
  // 0x10f0 / 257 is 16.87.
  const std::vector<std::uint8_t> samples = {0x10, 0xf0, 0x00, 0x00, 0xff, 0xff};
  CHECK(same_pixels(Image::decode(png_file(1, 1, samples, {.bit_depth = 16})), row({17, 0, 255})));
  std::vector<std::uint8_t> doubled;
  const Image image = noise(9, 5, 4);
  for (const std::uint8_t value : image.pixels()) doubled.insert(doubled.end(), {value, value});
  CHECK(same_pixels(Image::decode(png_file(9, 5, doubled, {.bit_depth = 16})), image));
}

TEST_CASE("a grey PNG of every depth becomes RGB") {
  CHECK(same_pixels(Image::decode(png_file(2, 1, {0, 200}, {.colour_type = kGrey})),
                    row({0, 0, 0, 200, 200, 200})));
  CHECK(same_pixels(Image::decode(png_file(2, 1, {0x40}, {.colour_type = kGrey, .bit_depth = 1})),
                    row({0, 0, 0, 255, 255, 255})));
  CHECK(same_pixels(Image::decode(png_file(2, 1, {0x60}, {.colour_type = kGrey, .bit_depth = 2})),
                    row({85, 85, 85, 170, 170, 170})));
  CHECK(same_pixels(Image::decode(png_file(2, 1, {0x3f}, {.colour_type = kGrey, .bit_depth = 4})),
                    row({51, 51, 51, 255, 255, 255})));
  CHECK(same_pixels(Image::decode(png_file(1, 1, {9, 9}, {.colour_type = kGrey, .bit_depth = 16})),
                    row({9, 9, 9})));
}

TEST_CASE("a palette PNG becomes RGB, its transparent colours white") {
  PngKind kind = {.colour_type = kPalette, .bit_depth = 8};
  kind.palette = {10, 20, 30, 40, 50, 60};
  CHECK(same_pixels(Image::decode(png_file(2, 1, {1, 0}, kind)), row({40, 50, 60, 10, 20, 30})));
  kind.palette_alpha = {0, 255};
  CHECK(same_pixels(Image::decode(png_file(2, 1, {1, 0}, kind)), row({40, 50, 60, 255, 255, 255})));
  kind.bit_depth = 1;
  CHECK(same_pixels(Image::decode(png_file(2, 1, {0x80}, kind)), row({40, 50, 60, 255, 255, 255})));
}

TEST_CASE("a transparent PNG is laid over white") {
  const std::vector<std::uint8_t> rgba = {10, 20, 30, 0, 10, 20, 30, 255, 10, 20, 200, 100};
  const Image expected =
      row({255, 255, 255, 10, 20, 30, over_white(10, 100), over_white(20, 100), over_white(200, 100)});
  CHECK(same_pixels(Image::decode(png_file(3, 1, rgba, {.colour_type = kRgba})), expected));
  CHECK(
      same_pixels(Image::decode(png_file(3, 1, rgba, {.colour_type = kRgba, .interlaced = true})), expected));
  const std::uint8_t grey = over_white(7, 50);
  CHECK(same_pixels(Image::decode(png_file(1, 1, {7, 50}, {.colour_type = kGreyAlpha})),
                    row({grey, grey, grey})));
}

TEST_CASE("all eight EXIF orientations of a PNG are turned upright") {
  const Image upright = noise(70, 45, 8);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    const Bytes file = png_file(test::as_stored(upright, orientation), {.orientation = orientation});
    CHECK(same_pixels(Image::decode(file), upright));
  }
}

}  // namespace vitrine

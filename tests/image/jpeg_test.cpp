// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "image/pictures.h"
#include "image/raw_pictures.h"

namespace vitrine {
namespace {

using test::Bytes;
using test::gradient;
using test::jpeg_file;
using test::psnr;

// Where a file's first scan begins.
std::size_t scan_offset(const Bytes& jpeg) {
  for (std::size_t i = 0; i + 1 < jpeg.size(); ++i) {
    if (jpeg[i] == std::byte{0xff} && jpeg[i + 1] == std::byte{0xda}) return i;
  }
  FAIL("no scan");
  return 0;
}

}  // namespace

TEST_CASE("a colour JPEG is decoded") {
  const Image image = gradient(61, 43);
  CHECK(psnr(Image::decode(jpeg_file(image)), image) > 40);
  CHECK(psnr(Image::decode(jpeg_file(image, {.progressive = true})), image) > 40);
  CHECK(psnr(Image::decode(encode_jpeg(image, 95)), image) > 40);
}

TEST_CASE("a grey JPEG becomes RGB") {
  const std::vector<std::uint8_t> grey(30 * 20, 77);
  const Image image = Image::decode(jpeg_file(30, 20, grey, {.num_channels = 1}));
  CHECK(test::same_pixels(image, Image(30, 20, std::vector<std::uint8_t>(30 * 20 * 3, 77))));
}

TEST_CASE("CMYK and YCCK JPEGs become RGB") {
  const Image image = gradient(40, 30);
  // Adobe's convention: 255 is no ink. Without black the other three are then red, green and blue.
  for (const bool ycck : {false, true}) {
    const Bytes file = jpeg_file(40, 30, test::with_opaque_alpha(image), {.num_channels = 4, .ycck = ycck});
    CHECK(psnr(Image::decode(file), image) > 40);
  }
}

TEST_CASE("black ink darkens a CMYK JPEG") {
  std::vector<std::uint8_t> inks;
  for (int i = 0; i < 16 * 16; ++i) inks.insert(inks.end(), {200, 100, 0, 128});
  const Image image = Image::decode(jpeg_file(16, 16, inks, {.num_channels = 4, .quality = 100}));
  CHECK(int(image.pixels()[0]) == Approx(200 * 128 / 255.0).margin(2));
  CHECK(int(image.pixels()[1]) == Approx(100 * 128 / 255.0).margin(2));
  CHECK(int(image.pixels()[2]) == 0);
}

TEST_CASE("all eight EXIF orientations of a JPEG are turned upright") {
  const Image upright = gradient(70, 45);
  for (int orientation = 1; orientation <= 8; ++orientation) {
    INFO(orientation);
    const Image stored = test::as_stored(upright, orientation);
    const Image decoded = Image::decode(jpeg_file(stored, {.orientation = orientation, .subsampled = false}));
    CHECK(decoded.source_width_px() == 70);
    CHECK(decoded.source_height_px() == 45);
    CHECK(psnr(decoded, upright) > 40);
  }
}

TEST_CASE("a JPEG is decoded at the smallest fast scale that keeps both sides") {
  const Bytes file = jpeg_file(gradient(348, 300));
  struct Case {
    int min_side_px, width_px, height_px;
  };
  const Case cases[] = {{0, 348, 300},  {1, 44, 38},     {38, 44, 38},    {39, 87, 75},    {75, 87, 75},
                        {76, 174, 150}, {150, 174, 150}, {151, 348, 300}, {300, 348, 300}, {9999, 348, 300}};
  for (const Case& c : cases) {
    INFO(c.min_side_px);
    const Image image = Image::decode(file, {.min_side_px = c.min_side_px});
    CHECK(image.width_px() == c.width_px);
    CHECK(image.height_px() == c.height_px);
    CHECK(image.source_width_px() == 348);
    CHECK(image.source_height_px() == 300);
    CHECK(psnr(image, resize(Image::decode(file), c.width_px, c.height_px)) > 35);
  }
}

TEST_CASE("the source size of a reduced and turned JPEG is upright") {
  const Image stored = test::as_stored(gradient(200, 100), 6);
  const Image image = Image::decode(jpeg_file(stored, {.orientation = 6}), {.min_side_px = 50});
  CHECK(image.width_px() == 100);
  CHECK(image.height_px() == 50);
  CHECK(image.source_width_px() == 200);
  CHECK(image.source_height_px() == 100);
}

TEST_CASE("padding between segments and data behind the end do not harm a JPEG") {
  const Image image = gradient(32, 32);
  const Bytes file = jpeg_file(image);
  Bytes trailed = file;
  test::append(trailed, test::bytes_of("a camera's own data"));
  CHECK(psnr(Image::decode(trailed), image) > 40);
  Bytes padded = file;
  padded.insert(padded.begin() + static_cast<std::ptrdiff_t>(scan_offset(file)), 5, std::byte{0});
  CHECK(psnr(Image::decode(padded), image) > 40);
}

TEST_CASE("a truncation behind padding is still found") {
  Bytes file = jpeg_file(test::noise(32, 32, 5));
  file.insert(file.begin() + static_cast<std::ptrdiff_t>(scan_offset(file)), 5, std::byte{0});
  file.resize(file.size() - 200);
  CHECK(test::decoding_code(file) == ErrorCode::kCorrupt);
}

TEST_CASE("a JPEG cut in its scan and closed with an end mark is corrupt") {
  Bytes file = jpeg_file(test::noise(32, 32, 5));
  file.resize(file.size() - 400);
  test::append(file, {std::byte{0xff}, std::byte{0xd9}});
  CHECK(test::decoding_code(file) == ErrorCode::kCorrupt);
}

TEST_CASE("a JPEG with very many scans is refused") {
  const Bytes file = jpeg_file(gradient(16, 16), {.progressive = true});
  const std::size_t scan = scan_offset(file);
  std::size_t end = scan + 2;  // the first scan's end: the next marker that is not a stuffed zero
  while (!(file[end] == std::byte{0xff} && file[end + 1] != std::byte{0})) ++end;
  Bytes first_scan(file.begin() + static_cast<std::ptrdiff_t>(scan),
                   file.begin() + static_cast<std::ptrdiff_t>(end));
  // Its header's last byte says that it holds the DC values without their last bit. With all their bits, the
  // same scan again is no error.
  const std::size_t header_bytes = 2 + std::to_integer<std::size_t>(first_scan[3]);
  REQUIRE(first_scan[header_bytes - 1] == std::byte{0x01});
  first_scan[header_bytes - 1] = std::byte{0x00};
  Bytes bomb(file.begin(), file.begin() + static_cast<std::ptrdiff_t>(scan));
  for (int i = 0; i < 200; ++i) test::append(bomb, first_scan);
  test::append(bomb, Bytes(file.begin() + static_cast<std::ptrdiff_t>(end), file.end()));
  CHECK(test::decoding_code(bomb) == ErrorCode::kResource);
}

TEST_CASE("JPEG encoding checks its arguments") {
  CHECK_THROWS_AS(encode_jpeg(Image()), Error);
  CHECK_THROWS_AS(encode_jpeg(gradient(4, 4), 0), Error);
  CHECK_THROWS_AS(encode_jpeg(gradient(4, 4), 101), Error);
  CHECK_THROWS_AS(encode_jpeg(gradient(65501, 1)), Error);
  CHECK(encode_jpeg(gradient(64, 64), 10).size() < encode_jpeg(gradient(64, 64), 100).size());
}

}  // namespace vitrine

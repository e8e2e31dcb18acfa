// SPDX-License-Identifier: MIT
/// One case per field of the headers, and small files that announce giant pictures.
#include <sys/resource.h>
#include <tiff.h>

#include <catch2/catch.hpp>

#include "image/pictures.h"
#include "image/raw_pictures.h"

namespace vitrine {
namespace {

using test::Bytes;
using test::decoding_code;
using test::put_be16;
using test::put_be32;
using test::put_le16;
using test::put_le32;

const Image kSmall = test::noise(12, 10, 9);

template <typename Put>
ErrorCode code_with(Bytes file, Put put, std::size_t offset, std::uint32_t value,
                    const DecodeOptions& options = {}) {
  put(file, offset, value);
  return decoding_code(file, options);
}

std::size_t find(const Bytes& bytes, const std::string& text) {
  const Bytes pattern = test::bytes_of(text);
  const auto found = std::search(bytes.begin(), bytes.end(), pattern.begin(), pattern.end());
  REQUIRE(found != bytes.end());
  return static_cast<std::size_t>(found - bytes.begin());
}

/// PNG checks its header by CRC-32, bit by bit here.
void mend_ihdr(Bytes& png) {
  std::uint32_t crc = 0xffffffff;
  for (std::size_t i = 12; i < 29; ++i) {
    crc ^= std::to_integer<std::uint32_t>(png[i]);
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ ((crc & 1) != 0 ? 0xedb88320 : 0);
  }
  put_be32(png, 29, ~crc);
}

ErrorCode png_code_with(std::size_t offset, std::uint32_t value, std::size_t num_bytes) {
  Bytes file = test::png_file(kSmall);
  if (num_bytes == 4) put_be32(file, offset, value);
  if (num_bytes == 1) file[offset] = static_cast<std::byte>(value);
  mend_ihdr(file);
  return decoding_code(file);
}

/// The place of a tag's value in the directory of a little-endian TIFF.
std::size_t tiff_value(const Bytes& tiff, std::uint32_t tag) {
  const auto at = [&](std::size_t offset) { return std::to_integer<std::uint32_t>(tiff.at(offset)); };
  const std::size_t directory = at(4) | at(5) << 8 | at(6) << 16 | at(7) << 24;
  const std::size_t num_entries = at(directory) | at(directory + 1) << 8;
  for (std::size_t i = 0; i < num_entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if ((at(entry) | at(entry + 1) << 8) == tag) return entry + 8;
  }
  FAIL("no such tag");
  return 0;
}

ErrorCode tiff_code_with(std::uint32_t tag, std::uint32_t value, const test::TiffKind& kind = {}) {
  Bytes file = test::tiff_file(kSmall, kind);
  put_le32(file, tiff_value(file, tag), value);
  return decoding_code(file);
}

bool is_refusal(ErrorCode code) {
  return code == ErrorCode::kCorrupt || code == ErrorCode::kResource || code == ErrorCode::kUnsupported;
}

}  // namespace

TEST_CASE("hostile JPEG headers are refused") {
  const Bytes file = test::jpeg_file(kSmall);
  const std::size_t frame = find(file, "\xff\xc0");
  CHECK(code_with(file, put_be16, frame + 2, 1) == ErrorCode::kCorrupt);  // length
  CHECK(code_with(file, put_be16, frame + 2, 0xffff) == ErrorCode::kCorrupt);
  Bytes changed = file;
  changed[frame + 4] = std::byte{12};  // precision
  CHECK(decoding_code(changed) == ErrorCode::kUnsupported);
  CHECK(code_with(file, put_be16, frame + 5, 0) == ErrorCode::kCorrupt);  // height
  CHECK(code_with(file, put_be16, frame + 7, 0) == ErrorCode::kCorrupt);  // width
  changed = file;
  changed[frame + 9] = std::byte{0};  // number of components
  CHECK(decoding_code(changed) == ErrorCode::kCorrupt);
  changed = file;
  changed[frame + 11] = std::byte{0x55};  // sampling factors
  CHECK(decoding_code(changed) == ErrorCode::kCorrupt);
  changed = file;
  changed[frame + 12] = std::byte{3};  // quantisation table
  CHECK(decoding_code(changed) == ErrorCode::kCorrupt);
  changed = file;
  changed[frame + 1] = std::byte{0xc3};  // lossless
  CHECK(decoding_code(changed) == ErrorCode::kUnsupported);
  const std::size_t scan = find(file, "\xff\xda");
  changed = file;
  changed[scan + 4] = std::byte{5};  // components of the scan
  CHECK(decoding_code(changed) == ErrorCode::kCorrupt);
  changed = file;
  changed[scan + 6] = std::byte{0x33};  // Huffman tables
  CHECK(decoding_code(changed) == ErrorCode::kCorrupt);
}

TEST_CASE("a small JPEG that announces a giant picture is refused before memory is allocated") {
  Bytes file = test::jpeg_file(kSmall);
  const std::size_t frame = find(file, "\xff\xc0");
  put_be16(file, frame + 5, 65500);
  put_be16(file, frame + 7, 65500);
  CHECK(decoding_code(file) == ErrorCode::kResource);
  put_be16(file, frame + 5, 9000);
  put_be16(file, frame + 7, 9000);
  CHECK(decoding_code(file) == ErrorCode::kCorrupt);
}

TEST_CASE("hostile PNG headers are refused") {
  CHECK(png_code_with(8, 12, 4) == ErrorCode::kCorrupt);           // length of the header
  CHECK(png_code_with(12, 0x49444154, 4) == ErrorCode::kCorrupt);  // another first chunk
  CHECK(png_code_with(16, 0, 4) == ErrorCode::kCorrupt);           // width
  CHECK(png_code_with(16, 0xffffffff, 4) == ErrorCode::kResource);
  CHECK(png_code_with(16, 13, 4) == ErrorCode::kCorrupt);
  CHECK(png_code_with(20, 0, 4) == ErrorCode::kCorrupt);  // height
  CHECK(png_code_with(20, 0x80000000, 4) == ErrorCode::kResource);
  CHECK(png_code_with(20, 11, 4) == ErrorCode::kCorrupt);
  CHECK(png_code_with(24, 3, 1) == ErrorCode::kCorrupt);  // bit depth
  CHECK(png_code_with(24, 16, 1) == ErrorCode::kCorrupt);
  CHECK(png_code_with(25, 5, 1) == ErrorCode::kCorrupt);  // colour type
  CHECK(png_code_with(25, 3, 1) == ErrorCode::kCorrupt);  // palette, but there is none
  CHECK(png_code_with(26, 1, 1) == ErrorCode::kCorrupt);  // compression
  CHECK(png_code_with(27, 1, 1) == ErrorCode::kCorrupt);  // filter
  CHECK(png_code_with(28, 2, 1) == ErrorCode::kCorrupt);  // interlacing
}

TEST_CASE("a small PNG that announces a giant picture is refused before memory is allocated") {
  Bytes file = test::png_file(kSmall);
  put_be32(file, 16, 60000);
  put_be32(file, 20, 60000);
  mend_ihdr(file);
  CHECK(decoding_code(file) == ErrorCode::kResource);
  put_be32(file, 16, 9000);
  put_be32(file, 20, 9000);
  mend_ihdr(file);
  CHECK(decoding_code(file) == ErrorCode::kCorrupt);
}

TEST_CASE("hostile WebP headers are refused") {
  const Bytes lossless = test::webp_file(kSmall, true);
  const Bytes lossy = test::webp_file(kSmall, false);
  CHECK(code_with(lossless, put_le32, 4, 0xffffffff) == ErrorCode::kCorrupt);  // size of the container
  CHECK(code_with(lossless, put_le32, 4, 0) == ErrorCode::kCorrupt);
  CHECK(code_with(lossless, put_le32, 12, 0) == ErrorCode::kCorrupt);            // name of the chunk
  CHECK(code_with(lossless, put_le32, 16, 0xffffffff) == ErrorCode::kCorrupt);   // size of the chunk
  CHECK(code_with(lossless, put_le16, 20, 0) == ErrorCode::kCorrupt);            // signature
  CHECK(code_with(lossless, put_le32, 21, 0x0fffffff) == ErrorCode::kResource);  // sides
  CHECK(code_with(lossy, put_le16, 23, 0) == ErrorCode::kCorrupt);               // start code
  CHECK(code_with(lossy, put_le16, 26, 0) == ErrorCode::kCorrupt);               // width
  CHECK(code_with(lossy, put_le16, 28, 0) == ErrorCode::kCorrupt);               // height
  Bytes giant = lossy;
  put_le16(giant, 26, 16383);
  put_le16(giant, 28, 16383);
  CHECK(decoding_code(giant) == ErrorCode::kResource);
}

TEST_CASE("hostile TIFF headers are refused") {
  CHECK(tiff_code_with(TIFFTAG_IMAGEWIDTH, 0) == ErrorCode::kCorrupt);
  CHECK(is_refusal(tiff_code_with(TIFFTAG_IMAGEWIDTH, 0x7fffffff)));
  CHECK(is_refusal(tiff_code_with(TIFFTAG_IMAGELENGTH, 0xffffffff)));
  CHECK(is_refusal(tiff_code_with(TIFFTAG_IMAGELENGTH, 11)));
  CHECK(is_refusal(tiff_code_with(TIFFTAG_COMPRESSION, 9999)));
  CHECK(tiff_code_with(TIFFTAG_COMPRESSION, COMPRESSION_OJPEG) == ErrorCode::kUnsupported);
  CHECK(is_refusal(tiff_code_with(TIFFTAG_PHOTOMETRIC, 77)));
  CHECK(is_refusal(tiff_code_with(TIFFTAG_SAMPLESPERPIXEL, 0xffff)));
  CHECK(is_refusal(tiff_code_with(TIFFTAG_STRIPOFFSETS, 0xfffffff0)));
  CHECK(is_refusal(tiff_code_with(TIFFTAG_STRIPBYTECOUNTS, 0xfffffff0)));
  CHECK(is_refusal(tiff_code_with(TIFFTAG_PLANARCONFIG, 9)));
  const test::TiffKind tiled = {.tile_px = 16};
  CHECK(is_refusal(tiff_code_with(TIFFTAG_TILEWIDTH, 0x7ffffff0, tiled)));
  CHECK(is_refusal(tiff_code_with(TIFFTAG_TILELENGTH, 0x7ffffff0, tiled)));
  CHECK(is_refusal(tiff_code_with(TIFFTAG_TILEWIDTH, 0, tiled)));
  Bytes file = test::tiff_file(kSmall);
  CHECK(is_refusal(code_with(file, put_le32, 4, 0xfffffff0)));  // directory behind the end
  CHECK(is_refusal(code_with(file, put_le32, 4, 0)));
}

TEST_CASE("hostile BMP headers are refused") {
  const Bytes file = test::bmp_file(kSmall);
  CHECK(code_with(file, put_le32, 10, 0) == ErrorCode::kCorrupt);  // place of the pixels
  CHECK(code_with(file, put_le32, 10, 0xffffffff) == ErrorCode::kCorrupt);
  CHECK(code_with(file, put_le32, 14, 0xffff) == ErrorCode::kUnsupported);  // size of the header
  CHECK(code_with(file, put_le32, 14, 124) == ErrorCode::kCorrupt);
  CHECK(code_with(file, put_le32, 18, 0) == ErrorCode::kCorrupt);  // width
  CHECK(code_with(file, put_le32, 18, 0xffffffff) == ErrorCode::kCorrupt);
  CHECK(code_with(file, put_le32, 18, 0x7fffffff) == ErrorCode::kResource);
  CHECK(code_with(file, put_le32, 18, 9000) == ErrorCode::kCorrupt);
  CHECK(code_with(file, put_le32, 22, 0) == ErrorCode::kCorrupt);  // height
  CHECK(code_with(file, put_le32, 22, 0x80000000) == ErrorCode::kResource);
  CHECK(code_with(file, put_le32, 22, 11) == ErrorCode::kCorrupt);
  CHECK(code_with(file, put_le16, 28, 0) == ErrorCode::kUnsupported);  // bits a pixel
  CHECK(code_with(file, put_le16, 28, 25) == ErrorCode::kUnsupported);
  CHECK(code_with(file, put_le16, 28, 32) == ErrorCode::kCorrupt);
  CHECK(code_with(file, put_le32, 30, 3) == ErrorCode::kUnsupported);  // masks for 24 bits
  CHECK(code_with(file, put_le32, 30, 99) == ErrorCode::kUnsupported);
  Bytes masked = file;
  put_le16(masked, 28, 16);
  put_le32(masked, 30, 3);
  CHECK(code_with(masked, put_le32, 54, 0) == ErrorCode::kCorrupt);  // no red
  CHECK(code_with(masked, put_le32, 54, 5) == ErrorCode::kCorrupt);  // a mask with a gap
}

TEST_CASE("the pixel limit holds for every format") {
  const Bytes files[] = {test::jpeg_file(kSmall),       test::png_file(kSmall),
                         test::webp_file(kSmall, true), test::webp_file(kSmall, false),
                         test::tiff_file(kSmall),       test::bmp_file(kSmall)};
  for (const Bytes& file : files) {
    CHECK(decoding_code(file, {.max_pixels = 119}) == ErrorCode::kResource);
    CHECK(Image::decode(file, {.max_pixels = 120}).width_px() == 12);
    CHECK(Image::decode(file, {.max_pixels = ~std::uint64_t{0}}).width_px() == 12);
  }
}

TEST_CASE("refusing small files that announce giant pictures takes little memory") {
  // All the cases above have run in this process, or will; what one picture of the limit needs is far more.
  Bytes jpeg = test::jpeg_file(kSmall, {.progressive = true});
  put_be16(jpeg, find(jpeg, "\xff\xc2") + 5, 10000);
  put_be16(jpeg, find(jpeg, "\xff\xc2") + 7, 10000);
  CHECK(decoding_code(jpeg) == ErrorCode::kCorrupt);
  CHECK(is_refusal(tiff_code_with(TIFFTAG_IMAGELENGTH, 8'000'000)));
  struct rusage usage {};
  REQUIRE(::getrusage(RUSAGE_SELF, &usage) == 0);
  CHECK(usage.ru_maxrss < 600'000);
}

}  // namespace vitrine

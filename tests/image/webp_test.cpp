// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>

#include "image/pictures.h"
#include "image/raw_pictures.h"

namespace vitrine {
namespace {

using test::Bytes;
using test::webp_file;

/// `still`, a simple WebP file, in the extended container with the given flags and an EXIF chunk behind it.
Bytes extended(const Bytes& still, int width_px, int height_px, std::uint32_t flags, const Bytes& exif) {
  Bytes file(still.begin(), still.begin() + 12);
  Bytes canvas(18);
  const Bytes name = test::bytes_of("VP8X");
  std::copy(name.begin(), name.end(), canvas.begin());
  test::put_le32(canvas, 4, 10);
  test::put_le32(canvas, 8, flags);
  test::put_le16(canvas, 12, static_cast<std::uint32_t>(width_px - 1));
  test::put_le16(canvas, 15, static_cast<std::uint32_t>(height_px - 1));
  test::append(file, canvas);
  file.insert(file.end(), still.begin() + 12, still.end());
  Bytes chunk = test::bytes_of("EXIF....");
  test::put_le32(chunk, 4, static_cast<std::uint32_t>(exif.size()));
  test::append(file, chunk);
  test::append(file, exif);
  test::put_le32(file, 4, static_cast<std::uint32_t>(file.size() - 8));
  return file;
}

constexpr std::uint32_t kExifFlag = 0x08;
constexpr std::uint32_t kAnimationFlag = 0x02;

}  // namespace

TEST_CASE("lossless and lossy WebP are decoded") {
  const Image image = test::noise(31, 23, 2);
  CHECK(test::same_pixels(Image::decode(webp_file(image, true)), image));
  CHECK(test::psnr(Image::decode(webp_file(test::gradient(64, 48), false)), test::gradient(64, 48)) > 35);
}

TEST_CASE("a transparent WebP is laid over white") {
  std::vector<std::uint8_t> rgba = {10, 20, 30, 255, 10, 20, 30, 51};
  const Image image = Image::decode(webp_file(2, 1, rgba, true));
  CHECK(test::same_pixels(image, Image(2, 1, {10, 20, 30, 206, 208, 210})));
  rgba = test::with_opaque_alpha(test::gradient(32, 32));
  for (std::size_t i = 3; i < rgba.size(); i += 4) rgba[i] = 0;
  const Image invisible = Image::decode(webp_file(32, 32, rgba, false));
  CHECK(test::same_pixels(invisible, Image(32, 32, std::vector<std::uint8_t>(32 * 32 * 3, 255))));
}

TEST_CASE("all eight EXIF orientations of a WebP are turned upright") {
  const Image upright = test::noise(20, 11, 8);
  for (std::uint32_t orientation = 1; orientation <= 8; ++orientation) {
    const Image stored = test::as_stored(upright, int(orientation));
    const Bytes file = extended(webp_file(stored, true), stored.width_px(), stored.height_px(), kExifFlag,
                                test::exif_block(orientation));
    CHECK(test::same_pixels(Image::decode(file), upright));
  }
}

TEST_CASE("an animated WebP is refused as unsupported") {
  const Image image = test::noise(20, 11, 8);
  const Bytes file = extended(webp_file(image, true), 20, 11, kAnimationFlag, {});
  CHECK(test::decoding_code(file) == ErrorCode::kUnsupported);
}

}  // namespace vitrine

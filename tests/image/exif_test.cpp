// SPDX-License-Identifier: MIT
#include "image/exif.h"

#include <catch2/catch.hpp>

#include "image/raw_pictures.h"

namespace vitrine {

using image::exif_orientation;
using test::Bytes;

TEST_CASE("the EXIF orientation is read in both byte orders, with and without the prefix") {
  for (std::uint32_t orientation = 1; orientation <= 8; ++orientation) {
    for (const bool big_endian : {false, true}) {
      const Bytes block = test::exif_block(orientation, big_endian);
      CHECK(exif_orientation(block) == int(orientation));
      Bytes prefixed = test::bytes_of(std::string("Exif\0\0", 6));
      test::append(prefixed, block);
      CHECK(exif_orientation(prefixed) == int(orientation));
    }
  }
}

TEST_CASE("an orientation stored as a long number is read") {
  Bytes block = test::exif_block(6);
  test::put_le16(block, 12, 4);
  CHECK(exif_orientation(block) == 6);
}

TEST_CASE("a damaged EXIF block means upright") {
  const Bytes block = test::exif_block(6);
  const auto with = [&](auto put, std::size_t offset, std::uint32_t value) {
    Bytes damaged = block;
    put(damaged, offset, value);
    return exif_orientation(damaged);
  };
  CHECK(with(test::put_le16, 0, 0x4d49) == 1);      // byte order
  CHECK(with(test::put_le16, 2, 43) == 1);          // magic number
  CHECK(with(test::put_le32, 4, 0xffffffff) == 1);  // directory behind the end
  CHECK(with(test::put_le32, 4, 25) == 1);          // no room for the number of entries
  CHECK(with(test::put_le32, 4, 24) == 1);          // no room for an entry
  CHECK(with(test::put_le16, 8, 0) == 1);           // no entry
  CHECK(with(test::put_le16, 8, 0xffff) == 6);      // more entries than fit: the first is still there
  CHECK(with(test::put_le16, 10, 0x0113) == 1);     // another tag
  CHECK(with(test::put_le16, 12, 2) == 1);          // a text
  CHECK(with(test::put_le16, 18, 0) == 1);          // no such orientation
  CHECK(with(test::put_le16, 18, 9) == 1);
}

TEST_CASE("an EXIF block cut at any length is read without going past its end") {
  const Bytes block = test::exif_block(6);
  for (std::size_t size = 0; size < block.size() - 4; ++size) {
    // A copy of exactly this size, so that a sanitizer sees every byte too far.
    const Bytes cut(block.begin(), block.begin() + static_cast<std::ptrdiff_t>(size));
    CHECK(exif_orientation(cut) == 1);
  }
}

}  // namespace vitrine

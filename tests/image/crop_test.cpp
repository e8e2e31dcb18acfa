// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <limits>

#include "image/pictures.h"
#include "image/raw_pictures.h"

namespace vitrine {

using test::noise;
using test::Point;
using test::rearrange;

TEST_CASE("a crop holds exactly the pixels of its box") {
  const Image image = noise(20, 15, 1);
  const Image cut = crop(image, {3, 4, 10, 9});
  CHECK(test::same_pixels(cut, rearrange(image, 7, 5, [](Point p) { return Point{p.x + 3, p.y + 4}; })));
  CHECK(cut.source_width_px() == 7);
  CHECK(cut.source_height_px() == 5);
}

TEST_CASE("a crop is clipped to the picture") {
  const Image image = noise(20, 15, 1);
  constexpr int kMin = std::numeric_limits<int>::min();
  constexpr int kMax = std::numeric_limits<int>::max();
  CHECK(test::same_pixels(crop(image, {kMin, kMin, kMax, kMax}), image));
  CHECK(test::same_pixels(crop(image, {-5, 10, 4, 99}), rearrange(image, 4, 5, [](Point p) {
                            return Point{p.x, p.y + 10};
                          })));
}

TEST_CASE("a crop without a pixel inside the picture is refused") {
  const Image image = noise(20, 15, 1);
  for (const BoxPx& box : {BoxPx{20, 0, 30, 5}, BoxPx{0, 15, 5, 20}, BoxPx{-9, 0, 0, 5}, BoxPx{0, -9, 5, 0},
                           BoxPx{5, 5, 5, 9}, BoxPx{9, 5, 5, 9}}) {
    CHECK_THROWS_AS(crop(image, box), Error);
  }
  CHECK_THROWS_AS(crop(Image(), {0, 0, 1, 1}), Error);
}

TEST_CASE("a box in source pixels cuts the same part out of a picture of reduced scale") {
  const Image full = test::gradient(160, 120);
  const Image half = Image::decode(test::jpeg_file(full, {.quality = 100}), {.min_side_px = 60});
  REQUIRE(half.width_px() == 80);
  const Image cut = crop(half, {40, 20, 120, 101});
  CHECK(cut.width_px() == 40);
  CHECK(cut.height_px() == 41);  // rounded outwards
  CHECK(cut.source_width_px() == 80);
  CHECK(cut.source_height_px() == 81);
  CHECK(test::psnr(cut, rearrange(half, 40, 41, [](Point p) { return Point{p.x + 20, p.y + 10}; })) == 100);
  CHECK(crop(half, {7, 7, 8, 8}).width_px() == 1);
}

}  // namespace vitrine

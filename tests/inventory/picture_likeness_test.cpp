// SPDX-License-Identifier: MIT
#include "inventory/picture_likeness.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <cstdint>

using namespace vitrine;
using inventory::PictureLook;

namespace {

// Soft blobs whose places follow from the seed.
Image blobs(int width_px, int height_px, unsigned seed) {
  std::vector<std::uint8_t> pixels;
  for (int y = 0; y < height_px; ++y) {
    for (int x = 0; x < width_px; ++x) {
      const double u = static_cast<double>(x) / width_px;
      const double v = static_cast<double>(y) / height_px;
      const double value =
          std::sin(9 * u + seed) * std::cos(7 * v + 2 * seed) + std::sin(5 * (u + v) * (1 + seed % 3));
      const auto level = static_cast<std::uint8_t>(127 + 50 * value);
      pixels.insert(pixels.end(), {level, level, static_cast<std::uint8_t>(255 - level)});
    }
  }
  return Image(width_px, height_px, std::move(pixels));
}

double correlation(const Image& left, const Image& right) {
  return PictureLook::of(left).value().correlation(PictureLook::of(right).value());
}

}  // namespace

TEST_CASE("a picture is like itself, smaller, saved anew, and cut") {
  const Image picture = blobs(300, 260, 1);
  CHECK(correlation(picture, picture) == Approx(1).margin(1e-5));
  CHECK(correlation(picture, resize(picture, 90, 78)) > 0.995);
  CHECK(correlation(picture, Image::decode(encode_jpeg(picture, 30))) > 0.995);
  for (const int cut : {5, 12, 20}) {
    const Image part = crop(picture, {cut, cut, 300 - cut, 260 - cut});
    CHECK(correlation(picture, part) > 0.97);
    CHECK(correlation(part, picture) == correlation(picture, part));
  }
}

TEST_CASE("another picture, another shape and a mirror image are not alike") {
  const Image picture = blobs(300, 260, 1);
  CHECK(correlation(picture, blobs(300, 260, 2)) < 0.9);
  CHECK(correlation(picture, resize(picture, 300, 130)) == -1);
}

TEST_CASE("a picture of one colour is not compared") {
  CHECK_FALSE(PictureLook::of(Image(50, 40, std::vector<std::uint8_t>(50 * 40 * 3, 200))));
}

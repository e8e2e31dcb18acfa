// SPDX-License-Identifier: MIT
#include <catch2/catch.hpp>
#include <cmath>
#include <numbers>
#include <vector>

#include "synthesis/cutout.h"
#include "synthesis/homography.h"

using namespace vitrine;
using namespace vitrine::synthesis;

namespace {

Image plain(int width_px, int height_px, std::uint8_t value) {
  return Image(width_px, height_px,
               std::vector<std::uint8_t>(static_cast<std::size_t>(width_px) * height_px * 3, value));
}

void fill(Image& image, const BoxPx& box, std::uint8_t value) {
  for (int y = box.y0; y < box.y1; ++y) {
    for (int x = box.x0; x < box.x1; ++x) {
      for (int c = 0; c < 3; ++c)
        image.pixels()[(static_cast<std::size_t>(y) * image.width_px() + x) * 3 + c] = value;
    }
  }
}

std::uint8_t red(const Image& image, int x, int y) {
  return image.pixels()[(static_cast<std::size_t>(y) * image.width_px() + x) * 3];
}

}  // namespace

TEST_CASE("maps are applied from right to left and undone by their inverse") {
  const Homography map = Homography::translation(5, -3)
                             .after(Homography::rotation(0.7))
                             .after(Homography::scaling(2, 0.5))
                             .after(Homography::perspective(0.01, -0.02));
  const auto there = map.apply(11, 7);
  const auto back = map.inverse().apply(there.x, there.y);
  CHECK(back.x == Approx(11));
  CHECK(back.y == Approx(7));
  const auto turned =
      Homography::translation(1, 0).after(Homography::rotation(std::numbers::pi / 2)).apply(2, 0);
  CHECK(turned.x == Approx(1));
  CHECK(turned.y == Approx(2));
}

TEST_CASE("warping by the identity changes nothing") {
  Image image = plain(9, 7, 30);
  fill(image, {2, 3, 5, 6}, 200);
  const Image same = warp(image, Homography(), 9, 7);
  CHECK(std::vector(same.pixels().begin(), same.pixels().end()) ==
        std::vector(image.pixels().begin(), image.pixels().end()));
}

TEST_CASE("warping by half a pixel averages neighbours and repeats the edge") {
  Image image = plain(2, 1, 100);
  fill(image, {1, 0, 2, 1}, 200);
  const Image moved = warp(image, Homography::translation(0.5, 0), 2, 1);
  CHECK(red(moved, 0, 0) == 150);
  CHECK(red(moved, 1, 0) == 200);
}

TEST_CASE("warping far outside the picture is defined") {
  const Image image = plain(4, 4, 77);
  CHECK(red(warp(image, Homography::translation(1e12, -1e12), 2, 2), 1, 1) == 77);
  CHECK(warp(Plane{1, 1, {255}}, Homography::translation(1e12, 0), 1, 1).values[0] == 0);
}

TEST_CASE("white is background only where it touches the border") {
  Image image = plain(20, 20, 255);
  fill(image, {4, 5, 16, 15}, 40);   // the product
  fill(image, {8, 8, 12, 12}, 255);  // a white label on it
  const Cutout cutout = cut_out_from_white(image);
  CHECK(cutout.tight_box_px == BoxPx{4, 5, 16, 15});
  CHECK(cutout.alpha.values[0] == 0);
  CHECK(cutout.alpha.values[10 * 20 + 10] == 255);
}

TEST_CASE("a picture of nothing but white has no box") {
  CHECK(cut_out_from_white(plain(8, 8, 255)).tight_box_px.empty());
}

TEST_CASE("a softened edge lies inside the old one and fades") {
  Image image = plain(24, 24, 255);
  fill(image, {4, 6, 20, 18}, 40);
  Cutout cutout = cut_out_from_white(image);
  soften_edge(cutout, 2);
  CHECK(cutout.tight_box_px == BoxPx{5, 7, 19, 17});
  const auto alpha = [&](int x, int y) {
    return static_cast<int>(
        cutout.alpha.values[static_cast<std::size_t>(y) * 24 + static_cast<std::size_t>(x)]);
  };
  CHECK(alpha(3, 12) == 0);
  CHECK(alpha(4, 12) > 0);
  CHECK(alpha(4, 12) < alpha(5, 12));
  CHECK(alpha(12, 12) == 255);
}

TEST_CASE("pasting puts the product where the map says and tells its box") {
  Image shop = plain(10, 10, 255);
  fill(shop, {2, 2, 8, 8}, 10);
  Image scene = plain(40, 40, 128);
  const Homography to_scene = Homography::translation(20, 10).after(Homography::scaling(2, 2));
  const BoxPx box = paste(cut_out_from_white(shop), to_scene.inverse(), scene);
  CHECK(box == BoxPx{24, 14, 36, 26});
  CHECK(red(scene, 30, 20) == 10);
  CHECK(red(scene, 5, 5) == 128);
}

TEST_CASE("pasting outside the background changes nothing") {
  Image shop = plain(10, 10, 10);
  Image scene = plain(16, 16, 128);
  CHECK(paste(cut_out_from_white(shop), Homography::translation(500, 500), scene).empty());
  CHECK(red(scene, 8, 8) == 128);
}

// SPDX-License-Identifier: MIT
#include "training/painted_hand.h"

#include <algorithm>
#include <catch2/catch.hpp>

namespace vitrine::training {
namespace {

constexpr int kSidePx = 64;

Image blank() {
  return {kSidePx, kSidePx, std::vector<std::uint8_t>(std::size_t{kSidePx} * kSidePx * 3, 255)};
}

std::size_t num_painted(const Image& image) {
  std::size_t count = 0;
  for (std::size_t i = 0; i < image.pixels().size(); i += 3) count += image.pixels()[i + 2] < 255 ? 1 : 0;
  return count;
}

}  // namespace

TEST_CASE("a painted hand reaches the product from the rim, in colours of skin") {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    Image image = blank();
    PaintedHand hand(kSidePx, {20, 15, 44, 50}, random);
    hand.draw_behind(image);
    CHECK(num_painted(image) > 20);
    std::size_t num_beside = 0;
    for (int y = 0; y < kSidePx; ++y) {
      for (int x = 0; x < kSidePx; ++x) {
        const auto* pixel = image.pixels().data() + (std::size_t{kSidePx} * y + x) * 3;
        if (pixel[2] == 255) continue;
        CHECK(pixel[0] >= pixel[2]);
        num_beside += x < 20 || x >= 44 || y < 15 || y >= 50 ? 1 : 0;
      }
    }
    CHECK(num_beside > 0);
    const std::size_t num_behind = num_painted(image);
    hand.draw_before(image);
    CHECK(num_painted(image) >= num_behind);
  }
}

TEST_CASE("equal seeds paint equal hands, and products beyond the picture harm nothing") {
  Random one(7), same(7);
  Image a = blank(), b = blank();
  const BoxPx beyond{-4000, 30, 9000, 1'000'000};
  PaintedHand hand(kSidePx, beyond, one);
  PaintedHand again(kSidePx, beyond, same);
  hand.draw_behind(a);
  hand.draw_before(a);
  again.draw_behind(b);
  again.draw_before(b);
  CHECK(std::equal(a.pixels().begin(), a.pixels().end(), b.pixels().begin()));
  PaintedHand nothing(kSidePx, {10, 10, 10, 10}, one);
  nothing.draw_behind(a);
  nothing.draw_before(a);
}

}  // namespace vitrine::training

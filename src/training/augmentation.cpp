// SPDX-License-Identifier: MIT
#include "training/augmentation.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <utility>

#include "synthesis/homography.h"

namespace vitrine::training {
namespace {

using synthesis::Homography;

double uniform(Random& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}
double normal(Random& random, double sigma) {
  return std::normal_distribution<double>(0, sigma)(random);
}
bool chance(Random& random, double probability) {
  return uniform(random, 0, 1) < probability;
}

constexpr double kDegree = std::numbers::pi / 180;

// Maps a square of side_px to a random part of a picture: `area` of its pixels, turned, stretched and tilted.
Homography random_view(int width_px, int height_px, int side_px, double min_area, Random& random) {
  const double area = uniform(random, min_area, 1.0);
  const double aspect = std::exp(normal(random, 0.12));
  const double part_width = std::min(1.0, std::sqrt(area) * aspect) * width_px;
  const double part_height = std::min(1.0, std::sqrt(area) / aspect) * height_px;
  const double center_x = part_width / 2 + uniform(random, 0, 1) * (width_px - part_width);
  const double center_y = part_height / 2 + uniform(random, 0, 1) * (height_px - part_height);
  const double angle = chance(random, 0.1) ? uniform(random, -std::numbers::pi, std::numbers::pi)
                                           : normal(random, 10 * kDegree);
  const double tilt = 0.15 / side_px;
  return Homography::translation(center_x, center_y)
      .after(Homography::scaling(part_width / side_px, part_height / side_px))
      .after(Homography::rotation(angle))
      .after(Homography::perspective(uniform(random, -tilt, tilt), uniform(random, -tilt, tilt)))
      .after(Homography::translation(-side_px / 2.0, -side_px / 2.0));
}

// Brightness, contrast, saturation and white balance, as one table a channel plus a mix with grey.
void change_light(Image& image, Random& random) {
  const double brightness = normal(random, 0.12) * 255;
  const double contrast = std::exp(normal(random, 0.18));
  const double gamma = std::exp(normal(random, 0.15));
  const double saturation = std::exp(normal(random, 0.2));
  std::array<std::array<float, 256>, 3> table{};
  for (auto& channel : table) {
    const double gain = contrast * std::exp(normal(random, 0.05));
    for (int v = 0; v < 256; ++v) {
      channel[v] = static_cast<float>((255 * std::pow(v / 255.0, gamma) - 128) * gain + 128 + brightness);
    }
  }
  auto pixels = image.pixels();
  const auto mix = static_cast<float>(saturation);
  for (std::size_t i = 0; i < pixels.size(); i += 3) {
    const float r = table[0][pixels[i]];
    const float g = table[1][pixels[i + 1]];
    const float b = table[2][pixels[i + 2]];
    const float grey = 0.299F * r + 0.587F * g + 0.114F * b;
    const auto put = [&](float v) {
      return static_cast<std::uint8_t>(std::clamp(grey + (v - grey) * mix, 0.0F, 255.0F));
    };
    pixels[i] = put(r);
    pixels[i + 1] = put(g);
    pixels[i + 2] = put(b);
  }
}

// Covers a random rectangle with one colour (random erasing, Zhong et al., AAAI 2020).
void occlude(Image& image, Random& random) {
  const int side = image.width_px();
  const int width = static_cast<int>(uniform(random, 0.1, 0.4) * side);
  const int height = static_cast<int>(uniform(random, 0.1, 0.4) * side);
  const int left = static_cast<int>(uniform(random, 0, side - width));
  const int top = static_cast<int>(uniform(random, 0, side - height));
  std::array<std::uint8_t, 3> colour{};
  for (auto& value : colour) value = static_cast<std::uint8_t>(uniform(random, 0, 255));
  auto pixels = image.pixels();
  for (int y = top; y < top + height; ++y) {
    for (int x = left; x < left + width; ++x) {
      std::copy(colour.begin(), colour.end(),
                pixels.begin() + (static_cast<std::ptrdiff_t>(y) * side + x) * 3);
    }
  }
}

// Loses detail as a bad lens or a far camera does.
Image blur(const Image& image, Random& random) {
  const int side = image.width_px();
  const int small = static_cast<int>(side * uniform(random, 0.35, 0.8));
  return resize(resize(image, small, small), side, side);
}

void spoil(Image& image, Random& random) {
  if (chance(random, 0.8)) change_light(image, random);
  if (chance(random, 0.1)) image = blur(image, random);
  if (chance(random, 0.15)) occlude(image, random);
}

// Swaps and inverts colour channels: products that nobody has ever sold.
void change_colours(Image& image, Random& random) {
  std::array<int, 3> order{0, 1, 2};
  for (int i = 2; i > 0; --i) std::swap(order[i], order[random() % (i + 1)]);
  std::array<std::uint8_t, 3> inverted{};
  for (auto& mask : inverted) mask = chance(random, 0.25) ? 255 : 0;
  auto pixels = image.pixels();
  for (std::size_t i = 0; i < pixels.size(); i += 3) {
    const std::array<std::uint8_t, 3> old{pixels[i], pixels[i + 1], pixels[i + 2]};
    for (std::size_t c = 0; c < 3; ++c) pixels[i + c] = old[order[c]] ^ inverted[c];
  }
}

// Copies the rectangle [x0, x1) x [y0, y1) of one picture into the same place of another of equal size.
void copy_rectangle(const Image& from, Image& to, int x0, int y0, int x1, int y1) {
  const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(to.width_px()) * 3;
  for (int y = y0; y < y1; ++y) {
    const auto begin = from.pixels().begin() + y * row;
    std::copy(begin + x0 * 3, begin + x1 * 3, to.pixels().begin() + y * row + x0 * 3);
  }
}

}  // namespace

Random random_for(std::uint64_t seed, std::uint64_t epoch, std::uint64_t position) {
  std::seed_seq sequence{seed & 0xffffffffU, seed >> 32U, epoch, position & 0xffffffffU, position >> 32U};
  return Random(sequence);
}

Image augment_photo(const Image& photo, int side_px, Random& random) {
  Image result = synthesis::warp(
      photo, random_view(photo.width_px(), photo.height_px(), side_px, 0.35, random), side_px, side_px);
  spoil(result, random);
  return result;
}

Image augment_shop_picture(const PooledPicture& picture, const Image& background, int side_px,
                           Random& random) {
  const BoxPx& box = picture.cutout.tight_box_px;
  if (box.empty() || chance(random, 0.25)) return augment_photo(picture.image, side_px, random);
  Image scene = synthesis::warp(
      background, random_view(background.width_px(), background.height_px(), side_px, 0.2, random), side_px,
      side_px);
  const double size = uniform(random, 0.45, 1.1) * side_px / std::max(box.width(), box.height());
  const double play = 0.12 * side_px;
  const Homography to_scene =
      Homography::translation(side_px / 2.0 + normal(random, play), side_px / 2.0 + normal(random, play))
          .after(Homography::rotation(normal(random, 15 * kDegree)))
          .after(Homography::scaling(size * std::exp(normal(random, 0.08)), size))
          .after(Homography::translation(-(box.x0 + box.x1) / 2.0, -(box.y0 + box.y1) / 2.0));
  synthesis::paste(picture.cutout, to_scene.inverse(), scene);
  spoil(scene, random);
  return scene;
}

Image patchwork(std::span<const Image* const> sources, int side_px, Random& random) {
  const auto part = [&] {
    const Image& source = *sources[random() % sources.size()];
    Image result = synthesis::warp(
        source, random_view(source.width_px(), source.height_px(), side_px, 0.1, random), side_px, side_px);
    if (chance(random, 0.5)) change_colours(result, random);
    return result;
  };
  Image result = part();
  const int split_x = static_cast<int>(uniform(random, 0.2, 0.8) * side_px);
  const int split_y = static_cast<int>(uniform(random, 0.2, 0.8) * side_px);
  if (chance(random, 0.6)) copy_rectangle(part(), result, split_x, 0, side_px, side_px);
  if (chance(random, 0.6)) copy_rectangle(part(), result, 0, split_y, split_x, side_px);
  if (chance(random, 0.3)) copy_rectangle(part(), result, split_x, split_y, side_px, side_px);
  spoil(result, random);
  return result;
}

}  // namespace vitrine::training

// SPDX-License-Identifier: MIT
#include "training/augmentation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "synthesis/homography.h"
#include "training/distortion.h"

namespace vitrine::training {
namespace {

using synthesis::Homography;

constexpr double kDegree = std::numbers::pi / 180;

// Copies the rectangle [x0, x1) x [y0, y1) of one picture into the same place of another of equal size.
void copy_rectangle(const Image& from, Image& to, int x0, int y0, int x1, int y1) {
  const std::ptrdiff_t row = static_cast<std::ptrdiff_t>(to.width_px()) * 3;
  for (int y = y0; y < y1; ++y) {
    const auto begin = from.pixels().begin() + y * row;
    std::copy(begin + x0 * 3, begin + x1 * 3, to.pixels().begin() + y * row + x0 * 3);
  }
}

Homography view_near_box(const PooledPicture& photo, double margin, int side_px, Random& random) {
  const int width_px = photo.image.width_px();
  const int height_px = photo.image.height_px();
  const BoxPx box =
      network::with_margin(network::to_pixels(*photo.box, width_px, height_px), margin, width_px, height_px);
  const double size = std::exp(normal(random, 0.12));
  const double width = box.width() * size * std::exp(normal(random, 0.08));
  const double height = box.height() * size * std::exp(normal(random, 0.08));
  const double x = (box.x0 + box.x1) / 2.0 + normal(random, 0.06) * width;
  const double y = (box.y0 + box.y1) / 2.0 + normal(random, 0.06) * height;
  return tilted_view({x, y, width, height}, side_px, random);
}

}  // namespace

Image augment_photo(const PooledPicture& photo, const BoxViews& views, int side_px, Random& random) {
  const Image& image = photo.image;
  const bool near_box = photo.box && chance(random, views.near_box_share);
  const Homography view = near_box ? view_near_box(photo, views.margin, side_px, random)
                                   : random_view(image.width_px(), image.height_px(), side_px, 0.35, random);
  Image result = synthesis::warp(image, view, side_px, side_px);
  spoil(result, random);
  return result;
}

Image augment_shop_picture(const PooledPicture& picture, const Image& background, const BoxViews& views,
                           int side_px, Random& random) {
  const BoxPx& box = picture.cutout.tight_box_px;
  if (box.empty() || chance(random, 0.25)) return augment_photo(picture, views, side_px, random);
  Image scene = synthesis::warp(
      background, random_view(background.width_px(), background.height_px(), side_px, 0.2, random), side_px,
      side_px);
  // Where products are found first, they fill the picture but for the margin.
  const bool is_found = picture.box && views.near_box_share > 0;
  const double filled = 1 / (1 + 2 * views.margin);
  const double share = is_found ? filled * std::exp(normal(random, 0.15)) : uniform(random, 0.45, 1.1);
  const double size = share * side_px / std::max(box.width(), box.height());
  const double play = (is_found ? 0.06 : 0.12) * side_px;
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

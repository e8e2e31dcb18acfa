// SPDX-License-Identifier: MIT
#include "training/scenes.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "training/distortion.h"
#include "training/painted_hand.h"

namespace vitrine::training {
namespace {

using network::RelativeBox;
using synthesis::Homography;

constexpr double kDegree = std::numbers::pi / 180;

// A part at the edge of a photo. What the photo was taken of lies in its middle: taken along, it would teach
// that such things are background.
Image edge_part(const Image& photo, int side_px, Random& random) {
  const double width = uniform(random, 0.2, 0.5) * photo.width_px();
  const double height = uniform(random, 0.2, 0.5) * photo.height_px();
  const bool at_side = chance(random, 0.5);
  const bool at_end = chance(random, 0.5);
  const auto place = [&](double part, double whole, bool at_edge) {
    const double free = whole - part;
    return part / 2 + (at_edge ? (at_end ? free : 0.0) : uniform(random, 0, free));
  };
  const double x = place(width, photo.width_px(), at_side);
  const double y = place(height, photo.height_px(), !at_side);
  return synthesis::warp(photo,
                         Homography::translation(x, y)
                             .after(Homography::scaling(width / side_px, height / side_px))
                             .after(Homography::rotation(uniform(random, -0.4, 0.4)))
                             .after(Homography::translation(-side_px / 2.0, -side_px / 2.0)),
                         side_px, side_px);
}

// Tiles a picture twice each way, mirrored so that no seam shows.
Image mirrored_tiles(const Image& tile) {
  const auto side = static_cast<std::size_t>(tile.width_px());
  std::vector<std::uint8_t> pixels(4 * side * side * 3);
  for (std::size_t y = 0; y < 2 * side; ++y) {
    const std::size_t from_y = y < side ? y : 2 * side - 1 - y;
    for (std::size_t x = 0; x < 2 * side; ++x) {
      const std::size_t from_x = x < side ? x : 2 * side - 1 - x;
      std::copy_n(tile.pixels().begin() + static_cast<std::ptrdiff_t>((from_y * side + from_x) * 3), 3,
                  pixels.begin() + static_cast<std::ptrdiff_t>((y * 2 * side + x) * 3));
    }
  }
  return Image(2 * tile.width_px(), 2 * tile.height_px(), std::move(pixels));
}

// `lengths` are the range of the longer side of the product's box, as shares of the picture's side.
struct Lengths {
  double shortest;
  double longest;
};

Homography random_placement(const BoxPx& box, int side_px, Lengths lengths, double play, Random& random) {
  const double size = std::exp(uniform(random, std::log(lengths.shortest), std::log(lengths.longest))) *
                      side_px / std::max(box.width(), box.height());
  const double angle = chance(random, 0.12) ? uniform(random, -std::numbers::pi, std::numbers::pi)
                                            : normal(random, 18 * kDegree);
  const double tilt = 0.5 / side_px;
  const double center_x = (0.5 + normal(random, play)) * side_px;
  const double center_y = (0.5 + normal(random, play)) * side_px;
  return Homography::translation(center_x, center_y)
      .after(Homography::perspective(uniform(random, -tilt, tilt), uniform(random, -tilt, tilt)))
      .after(Homography::rotation(angle))
      .after(Homography::scaling(size * std::exp(normal(random, 0.2)), size * std::exp(normal(random, 0.1))))
      .after(Homography::translation(-(box.x0 + box.x1) / 2.0, -(box.y0 + box.y1) / 2.0));
}

// Smaller products behind the one that is meant, as on a shelf.
void add_bystanders(Image& tile, const SceneParts& parts, Random& random) {
  const int count = 1 + static_cast<int>(random() % 3);
  for (int i = 0; i < count; ++i) {
    const synthesis::Cutout& cutout = chance(random, 0.5) ? parts.product : parts.bystander;
    const Homography placement =
        random_placement(cutout.tight_box_px, tile.width_px(), {0.3, 0.9}, 0.35, random);
    paste(cutout, placement.inverse(), tile);
  }
}

Image random_background(const SceneParts& parts, int side_px, Random& random) {
  if (chance(random, 0.12)) {
    const auto grey = static_cast<std::uint8_t>(uniform(random, 225, 256));
    return Image(side_px, side_px,
                 std::vector<std::uint8_t>(static_cast<std::size_t>(side_px) * side_px * 3, grey));
  }
  // An enlarged part is blurred, and a sharp product on it would be found by sharpness alone: most
  // backgrounds are as sharp as the photo.
  if (chance(random, 0.25)) return edge_part(parts.background, side_px, random);
  Image tile = edge_part(parts.background, side_px / 2, random);
  if (chance(random, 0.5)) add_bystanders(tile, parts, random);
  const Image tiles = mirrored_tiles(tile);
  return synthesis::warp(tiles, random_view(tiles.width_px(), tiles.height_px(), side_px, 0.6, random),
                         side_px, side_px);
}

RelativeBox relative(const BoxPx& box, int side_px) {
  const double side = side_px;
  return {box.x0 / side, box.y0 / side, box.x1 / side, box.y1 / side};
}

}  // namespace

// The same product again beside the one that is meant, a little smaller, as on a shelf.
void add_twins(Image& image, const synthesis::Cutout& product, const Homography& placement, const BoxPx& box,
               Random& random) {
  const int count = 1 + static_cast<int>(random() % 2);
  for (int i = 0; i < count; ++i) {
    const double size = uniform(random, 0.5, 0.95);
    const double x = (box.x0 + box.x1) / 2.0;
    const double y = (box.y0 + box.y1) / 2.0;
    const double to_side = (chance(random, 0.5) ? 1 : -1) * uniform(random, 0.5, 1.2);
    const Homography beside =
        Homography::translation(x + to_side * box.width(), y + normal(random, 0.25) * box.height())
            .after(Homography::scaling(size, size))
            .after(Homography::translation(-x, -y))
            .after(placement);
    paste(product, beside.inverse(), image);
  }
}

// Where a cut-out will come to lie, also beyond the picture.
BoxPx placed_box(const synthesis::Cutout& product, const Homography& placement) {
  const BoxPx& box = product.tight_box_px;
  double x0 = 1e9, y0 = 1e9, x1 = -1e9, y1 = -1e9;
  for (const int x : {box.x0, box.x1}) {
    for (const int y : {box.y0, box.y1}) {
      const auto corner = placement.apply(x, y);
      x0 = std::min(x0, corner.x), x1 = std::max(x1, corner.x);
      y0 = std::min(y0, corner.y), y1 = std::max(y1, corner.y);
    }
  }
  const auto pixel = [](double edge) { return static_cast<int>(std::clamp(edge, -1e6, 1e6)); };
  return {pixel(x0), pixel(y0), pixel(x1), pixel(y1)};
}

Scene compose_scene(const SceneParts& parts, int side_px, Random& random) {
  synthesis::Cutout product = parts.product;
  if (chance(random, 0.3)) change_colours(product.image, random);
  if (chance(random, 0.5)) change_light(product.image, random);
  Scene scene{random_background(parts, side_px, random), {}};
  const Homography placement = random_placement(product.tight_box_px, side_px, {0.36, 1.1}, 0.15, random);
  const BoxPx outer = placed_box(product, placement);
  if (chance(random, 0.15)) add_twins(scene.image, product, placement, outer, random);
  const bool held = chance(random, 0.6);
  PaintedHand hand(side_px, outer, random);
  if (held) hand.draw_behind(scene.image);
  const BoxPx box = paste(product, placement.inverse(), scene.image);
  if (held && !box.empty()) hand.draw_before(scene.image);
  scene.box = relative(box, side_px);
  spoil(scene.image, random);
  return scene;
}

}  // namespace vitrine::training

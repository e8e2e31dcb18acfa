// SPDX-License-Identifier: MIT
#include "training/scenes.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "training/distortion.h"

namespace vitrine::training {
namespace {

using network::RelativeBox;
using synthesis::Homography;

constexpr double kDegree = std::numbers::pi / 180;

using Colour = std::array<std::uint8_t, 3>;

// From pale to dark brown, in warm to cold light.
Colour skin_colour(Random& random) {
  const double brightness = uniform(random, 0.45, 1.0);
  const double warmth = uniform(random, 0.8, 1.1);
  return {static_cast<std::uint8_t>(std::min(255.0, 235 * brightness * std::min(warmth, 1.0))),
          static_cast<std::uint8_t>(178 * brightness), static_cast<std::uint8_t>(145 * brightness / warmth)};
}

// A thick line with round ends, darker towards its rim: a finger or an arm.
void draw_limb(Image& image, double x0, double y0, double x1, double y1, double radius, Colour colour) {
  const double dx = x1 - x0;
  const double dy = y1 - y0;
  const double length2 = std::max(1e-6, dx * dx + dy * dy);
  const int left = std::max(0, static_cast<int>(std::min(x0, x1) - radius));
  const int right = std::min(image.width_px(), static_cast<int>(std::max(x0, x1) + radius) + 1);
  const int top = std::max(0, static_cast<int>(std::min(y0, y1) - radius));
  const int bottom = std::min(image.height_px(), static_cast<int>(std::max(y0, y1) + radius) + 1);
  auto pixels = image.pixels();
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      const double along = std::clamp(((x - x0) * dx + (y - y0) * dy) / length2, 0.0, 1.0);
      const double from_axis = std::hypot(x - x0 - along * dx, y - y0 - along * dy) / radius;
      if (from_axis > 1) continue;
      const double shade = 1 - 0.45 * from_axis * from_axis;
      auto* pixel = pixels.data() + (static_cast<std::size_t>(y) * image.width_px() + x) * 3;
      for (std::size_t c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(colour[c] * shade);
    }
  }
}

struct Hand {
  Colour colour;
  double wrist_x, wrist_y;  // where the arm enters the picture
  double radius;            // of the arm
};

Hand random_hand(int side_px, Random& random) {
  const double along = uniform(random, 0, side_px);
  const bool from_below = chance(random, 0.5);
  const bool from_left = chance(random, 0.5);
  return {skin_colour(random), from_below ? along : (from_left ? 0.0 : side_px), from_below ? side_px : along,
          uniform(random, 0.07, 0.15) * side_px};
}

void draw_arm(Image& image, const Hand& hand, double to_x, double to_y) {
  draw_limb(image, hand.wrist_x, hand.wrist_y, to_x, to_y, hand.radius, hand.colour);
}

// Fingers reach over the edge of the product that is nearer to the wrist.
void draw_fingers(Image& image, const Hand& hand, const BoxPx& box, Random& random) {
  const double center_x = (box.x0 + box.x1) / 2.0;
  const double center_y = (box.y0 + box.y1) / 2.0;
  const double towards_x = std::clamp(hand.wrist_x, double(box.x0), double(box.x1));
  const double towards_y = std::clamp(hand.wrist_y, double(box.y0), double(box.y1));
  const int num_fingers = 1 + static_cast<int>(random() % 4);
  const double radius = hand.radius * uniform(random, 0.3, 0.8);
  for (int i = 0; i < num_fingers; ++i) {
    const double spread = (i - num_fingers / 2.0) * 2.2 * radius;
    const double start_x = towards_x + spread * uniform(random, 0.5, 1.0);
    const double start_y = towards_y + spread * uniform(random, 0.5, 1.0);
    const double reach = uniform(random, 0.2, 1.5);  // beyond 1: across the middle
    draw_limb(image, start_x, start_y, start_x + reach * (center_x - start_x),
              start_y + reach * (center_y - start_y), radius, hand.colour);
  }
}

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

Scene compose_scene(const SceneParts& parts, int side_px, Random& random) {
  synthesis::Cutout product = parts.product;
  if (chance(random, 0.3)) change_colours(product.image, random);
  if (chance(random, 0.5)) change_light(product.image, random);
  Scene scene{random_background(parts, side_px, random), {}};
  const Homography placement = random_placement(product.tight_box_px, side_px, {0.36, 1.1}, 0.13, random);
  const bool held = chance(random, 0.6);
  const Hand hand = random_hand(side_px, random);
  if (held) {
    const auto center = placement.apply((product.tight_box_px.x0 + product.tight_box_px.x1) / 2.0,
                                        (product.tight_box_px.y0 + product.tight_box_px.y1) / 2.0);
    draw_arm(scene.image, hand, center.x, center.y);
  }
  const BoxPx box = paste(product, placement.inverse(), scene.image);
  if (held && !box.empty()) draw_fingers(scene.image, hand, box, random);
  scene.box = relative(box, side_px);
  spoil(scene.image, random);
  return scene;
}

}  // namespace vitrine::training

// SPDX-License-Identifier: MIT
#include "training/painted_hand.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace vitrine::training {
namespace {

// From pale to dark brown, in warm to cold light.
std::array<std::uint8_t, 3> skin_colour(Random& random) {
  const double brightness = uniform(random, 0.55, 1.05);
  const double warmth = uniform(random, 0.8, 1.1);
  return {static_cast<std::uint8_t>(std::min(255.0, 240 * brightness * std::min(warmth, 1.0))),
          static_cast<std::uint8_t>(178 * brightness), static_cast<std::uint8_t>(145 * brightness / warmth)};
}

Skin random_skin(Random& random) {
  Skin skin{skin_colour(random), normal(random, 0.15), normal(random, 0.15), {}, {}, {}};
  for (std::size_t i = 0; i < skin.phase.size(); ++i) {
    const double frequency = 0.05 * std::exp2(static_cast<double>(i));
    skin.wave_x[i] = normal(random, frequency);
    skin.wave_y[i] = normal(random, frequency);
    skin.phase[i] = uniform(random, 0, 2 * std::numbers::pi);
  }
  return skin;
}

// From 0 to about 1.2 at a place, `off_x` and `off_y` from the axis of a limb in units of its radius.
double shade(const Skin& skin, double x, double y, double off_x, double off_y) {
  double grain = 0;
  for (std::size_t i = 0; i < skin.phase.size(); ++i)
    grain += std::sin(skin.wave_x[i] * x + skin.wave_y[i] * y + skin.phase[i]);
  const double rim = off_x * off_x + off_y * off_y;
  return std::clamp(0.95 - 0.35 * rim * rim + off_x * skin.light_x + off_y * skin.light_y + 0.015 * grain,
                    0.1, 1.2);
}

}  // namespace

PaintedHand::PaintedHand(int side_px, const BoxPx& box, Random& random)
    : random_(random),
      skin_(random_skin(random)),
      box_(box),
      center_{(box.x0 + box.x1) / 2.0, (box.y0 + box.y1) / 2.0} {
  const double along = uniform(random, 0, side_px);
  const bool from_below = chance(random, 0.5);
  const bool from_left = chance(random, 0.5);
  wrist_ = {from_below ? along : (from_left ? 0.0 : side_px), from_below ? side_px : along};
  finger_ = uniform(random, 0.05, 0.14) * std::sqrt(static_cast<double>(box.width()) * box.height());
  // On the edge of the box that is nearest to the wrist, mostly outside.
  const Point edge{std::clamp(wrist_.x, double(box.x0), double(box.x1)),
                   std::clamp(wrist_.y, double(box.y0), double(box.y1))};
  palm_ = between(edge, center_, uniform(random, -0.5, 0.3));
}

void PaintedHand::draw_behind(Image& image) {
  draw_limb(image, wrist_, palm_, finger_ * uniform(random_, 2, 4));
  draw_limb(image, between(palm_, wrist_, 0.15), between(palm_, center_, 0.3),
            finger_ * uniform(random_, 2.5, 4.5));
  const int num_fingers = static_cast<int>(random_() % 5);
  for (int i = 0; i < num_fingers; ++i) draw_limb(image, palm_, around(uniform(random_, 0.8, 2.2)), finger_);
}

void PaintedHand::draw_before(Image& image) {
  const int num_fingers = static_cast<int>(random_() % 4);
  for (int i = 0; i < num_fingers; ++i) {
    const Point tip = around(uniform(random_, 0.1, 0.9));
    const double radius = finger_ * uniform(random_, 0.9, 1.2);
    draw_limb(image, between(palm_, tip, uniform(random_, 0, 0.5)), tip, radius);
  }
}

PaintedHand::Point PaintedHand::between(Point a, Point b, double share) {
  return {a.x + share * (b.x - a.x), a.y + share * (b.y - a.y)};
}

// So far from the palm towards the product's centre, and somewhat beside it.
PaintedHand::Point PaintedHand::around(double reach) {
  const Point tip = between(palm_, center_, reach);
  return {tip.x + normal(random_, 0.3) * box_.width(), tip.y + normal(random_, 0.3) * box_.height()};
}

// A thick line with round ends: a finger, a palm or an arm.
void PaintedHand::draw_limb(Image& image, Point from, Point to, double radius) const {
  const double dx = to.x - from.x;
  const double dy = to.y - from.y;
  const double length2 = std::max(1e-6, dx * dx + dy * dy);
  const int left = std::max(0, static_cast<int>(std::min(from.x, to.x) - radius));
  const int right = std::min(image.width_px(), static_cast<int>(std::max(from.x, to.x) + radius) + 1);
  const int top = std::max(0, static_cast<int>(std::min(from.y, to.y) - radius));
  const int bottom = std::min(image.height_px(), static_cast<int>(std::max(from.y, to.y) + radius) + 1);
  auto pixels = image.pixels();
  for (int y = top; y < bottom; ++y) {
    for (int x = left; x < right; ++x) {
      const double along = std::clamp(((x - from.x) * dx + (y - from.y) * dy) / length2, 0.0, 1.0);
      const double off_x = (x - from.x - along * dx) / radius;
      const double off_y = (y - from.y - along * dy) / radius;
      if (off_x * off_x + off_y * off_y > 1) continue;
      const double lit = shade(skin_, x, y, off_x, off_y);
      auto* pixel = pixels.data() + (static_cast<std::size_t>(y) * image.width_px() + x) * 3;
      for (std::size_t c = 0; c < 3; ++c)
        pixel[c] = static_cast<std::uint8_t>(std::min(255.0, skin_.colour[c] * lit));
    }
  }
}

}  // namespace vitrine::training

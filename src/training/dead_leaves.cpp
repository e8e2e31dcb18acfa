// SPDX-License-Identifier: MIT
#include "training/dead_leaves.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace vitrine::training {
namespace {

using Colour = std::array<double, 3>;

double uniform(Random& random, double low, double high) {
  return std::uniform_real_distribution<double>(low, high)(random);
}

Colour random_colour(Random& random) {
  return {uniform(random, 0, 255), uniform(random, 0, 255), uniform(random, 0, 255)};
}

// An ellipse, rectangle or something between in its own axes, filled with waves between two colours: slow
// waves are shading, fast ones stripes.
class Leaf {
 public:
  Leaf(int side_px, Random& random)
      : x_(uniform(random, 0, side_px)),
        y_(uniform(random, 0, side_px)),
        // Radii between 1/16 and 1/2 of the side, with a density that falls with their cube.
        radius_(side_px * 0.5 / std::sqrt(1 + uniform(random, 0, 1) * (8.0 * 8.0 - 1))),
        flatness_(std::exp(uniform(random, -0.8, 0.8))),
        cos_(0),
        sin_(0),
        roundness_(std::exp(uniform(random, std::log(1.2), std::log(8.0)))),
        frequency_(uniform(random, 0.2, 6) / radius_),
        phase_(uniform(random, 0, 2 * std::numbers::pi)),
        first_(random_colour(random)),
        second_(random_colour(random)) {
    const double angle = uniform(random, 0, 2 * std::numbers::pi);
    cos_ = std::cos(angle);
    sin_ = std::sin(angle);
  }

  void draw(Image& image) const {
    const int side = image.width_px();
    const double reach = radius_ * std::max(flatness_, 1 / flatness_) * std::numbers::sqrt2;
    const auto limit = [&](double at) { return static_cast<int>(std::clamp(at, 0.0, double(side))); };
    for (int y = limit(y_ - reach); y < limit(y_ + reach + 1); ++y) {
      auto pixel = image.pixels().begin() + (static_cast<std::ptrdiff_t>(y) * side + limit(x_ - reach)) * 3;
      for (int x = limit(x_ - reach); x < limit(x_ + reach + 1); ++x, pixel += 3) {
        const double along = (x - x_) * cos_ + (y - y_) * sin_;
        const double across = (y - y_) * cos_ - (x - x_) * sin_;
        if (!covers(along, across)) continue;
        const double share = 0.5 + 0.5 * std::sin(frequency_ * along + phase_);
        for (std::size_t c = 0; c < 3; ++c)
          pixel[static_cast<std::ptrdiff_t>(c)] =
              static_cast<std::uint8_t>(first_[c] + (second_[c] - first_[c]) * share);
      }
    }
  }

 private:
  // A superellipse.
  bool covers(double along, double across) const {
    return std::pow(std::abs(along) / (radius_ * flatness_), roundness_) +
               std::pow(std::abs(across) * flatness_ / radius_, roundness_) <=
           1;
  }

  double x_, y_, radius_, flatness_, cos_, sin_, roundness_, frequency_, phase_;
  Colour first_, second_;
};

}  // namespace

Image dead_leaves(int side_px, Random& random) {
  const auto size = static_cast<std::size_t>(side_px);
  const Colour ground = random_colour(random);
  std::vector<std::uint8_t> pixels(size * size * 3);
  for (std::size_t i = 0; i < pixels.size(); ++i) pixels[i] = static_cast<std::uint8_t>(ground[i % 3]);
  Image image(side_px, side_px, std::move(pixels));
  const int num_leaves = static_cast<int>(std::exp(uniform(random, std::log(5.0), std::log(120.0))));
  for (int i = 0; i < num_leaves; ++i) Leaf(side_px, random).draw(image);
  return image;
}

}  // namespace vitrine::training

// SPDX-License-Identifier: MIT
#include "common/tabletop.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <random>
#include <utility>
#include <vector>

namespace vitrine::tools {
namespace {

// Smooth noise in [0, 1]: random values on a lattice, blended between its corners.
class ValueNoise {
 public:
  explicit ValueNoise(std::mt19937_64& random) {
    std::uniform_real_distribution<double> uniform(0, 1);
    std::generate(values_.begin(), values_.end(), [&] { return uniform(random); });
  }

  double operator()(double x, double y) const {
    const double left = std::floor(x);
    const double top = std::floor(y);
    const double u = eased(x - left);
    const double v = eased(y - top);
    const auto i = static_cast<std::int64_t>(left);
    const auto j = static_cast<std::int64_t>(top);
    return std::lerp(std::lerp(at(i, j), at(i + 1, j), u), std::lerp(at(i, j + 1), at(i + 1, j + 1), u), v);
  }

 private:
  static constexpr std::size_t kSide = 64;
  static double eased(double t) { return t * t * (3 - 2 * t); }
  double at(std::int64_t i, std::int64_t j) const {
    return values_[static_cast<std::size_t>(j & (kSide - 1)) * kSide +
                   static_cast<std::size_t>(i & (kSide - 1))];
  }
  std::array<double, kSide * kSide> values_{};
};

// One plank of the table: its own tone and its own place in the grain.
struct Plank {
  double tone;
  double offset;
};

double grain(const ValueNoise& noise, const Plank& plank, double x, double y) {
  const double wave = noise(x * 0.6 + plank.offset, y * 3) + 0.5 * noise(x * 2 + plank.offset, y * 9);
  const double rings = 0.5 + 0.5 * std::sin(2 * 3.14159265 * (y * 5 + 2.2 * wave));
  const double fibre = noise(x * 3 + plank.offset, y * 160);
  return 0.62 + 0.16 * rings + 0.14 * fibre + plank.tone;
}

}  // namespace

Image wooden_tabletop(int width_px, int height_px, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const ValueNoise noise(random);
  std::uniform_real_distribution<double> uniform(0, 1);
  std::normal_distribution<double> sensor(0, 2.5);
  constexpr int kPlanks = 5;
  std::array<Plank, kPlanks> planks{};
  std::generate(planks.begin(), planks.end(), [&] {
    return Plank{0.12 * (uniform(random) - 0.5), 40 * uniform(random)};
  });
  constexpr std::array<double, 3> kWood = {186, 132, 84};
  const double light_x = uniform(random);
  std::vector<std::uint8_t> pixels;
  pixels.reserve(static_cast<std::size_t>(width_px) * height_px * 3);
  for (int row = 0; row < height_px; ++row) {
    const double y = static_cast<double>(row) / height_px * kPlanks;
    const int plank_index = std::min(static_cast<int>(y), kPlanks - 1);
    const double to_gap = std::min(y - plank_index, plank_index + 1 - y);
    const double gap = std::clamp(to_gap * 60, 0.35, 1.0);
    for (int column = 0; column < width_px; ++column) {
      const double x = static_cast<double>(column) / width_px * 4;
      const double light =
          1.18 - 0.45 * std::hypot(x / 4 - light_x, static_cast<double>(row) / height_px - 0.2);
      const double brightness =
          grain(noise, planks[static_cast<std::size_t>(plank_index)], x, y) * light * gap;
      for (const double channel : kWood) {
        pixels.push_back(
            static_cast<std::uint8_t>(std::clamp(channel * brightness + sensor(random), 0.0, 255.0)));
      }
    }
  }
  return Image(width_px, height_px, std::move(pixels));
}

}  // namespace vitrine::tools

// SPDX-License-Identifier: MIT
#include "synthesis/cutout.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace vitrine::synthesis {
namespace {

// JPEG noise around a product stays above this; shadows and white packages' edges mostly below.
constexpr int kWhite = 238;

// The smallest box around all values of at least 128.
BoxPx tight_box(const Plane& plane) {
  BoxPx box{plane.width_px, plane.height_px, 0, 0};
  for (int y = 0; y < plane.height_px; ++y) {
    for (int x = 0; x < plane.width_px; ++x) {
      if (plane.values[static_cast<std::size_t>(y) * plane.width_px + x] < 128) continue;
      box = {std::min(box.x0, x), std::min(box.y0, y), std::max(box.x1, x + 1), std::max(box.y1, y + 1)};
    }
  }
  return box.empty() ? BoxPx{} : box;
}

bool is_white(const Image& image, std::size_t pixel) {
  const auto* rgb = image.pixels().data() + pixel * 3;
  return rgb[0] >= kWhite && rgb[1] >= kWhite && rgb[2] >= kWhite;
}

}  // namespace

Cutout cut_out_from_white(Image image) {
  const int width = image.width_px();
  const int height = image.height_px();
  Plane alpha{width, height, std::vector<std::uint8_t>(static_cast<std::size_t>(width) * height, 255)};
  std::vector<std::pair<int, int>> open;
  const auto visit = [&](int x, int y) {
    if (x < 0 || y < 0 || x >= width || y >= height) return;
    const std::size_t pixel = static_cast<std::size_t>(y) * width + x;
    if (alpha.values[pixel] == 0 || !is_white(image, pixel)) return;
    alpha.values[pixel] = 0;
    open.emplace_back(x, y);
  };
  for (int x = 0; x < width; ++x) {
    visit(x, 0);
    visit(x, height - 1);
  }
  for (int y = 0; y < height; ++y) {
    visit(0, y);
    visit(width - 1, y);
  }
  while (!open.empty()) {
    const auto [x, y] = open.back();
    open.pop_back();
    visit(x - 1, y);
    visit(x + 1, y);
    visit(x, y - 1);
    visit(x, y + 1);
  }
  Cutout cutout{std::move(image), std::move(alpha), {}};
  cutout.tight_box_px = tight_box(cutout.alpha);
  return cutout;
}

void soften_edge(Cutout& cutout, int radius_px) {
  Plane& alpha = cutout.alpha;
  const auto mean_along = [&](int count, int num_lines, std::ptrdiff_t step, std::ptrdiff_t line_step) {
    std::vector<std::uint8_t> line(static_cast<std::size_t>(count));
    for (int i = 0; i < num_lines; ++i) {
      auto* values = alpha.values.data() + i * line_step;
      for (int j = 0; j < count; ++j) {
        int sum = 0;
        for (int k = j - radius_px; k <= j + radius_px; ++k)
          sum += values[std::clamp(k, 0, count - 1) * step];
        line[static_cast<std::size_t>(j)] = static_cast<std::uint8_t>(sum / (2 * radius_px + 1));
      }
      for (int j = 0; j < count; ++j) values[j * step] = line[static_cast<std::size_t>(j)];
    }
  };
  mean_along(alpha.width_px, alpha.height_px, 1, alpha.width_px);
  mean_along(alpha.height_px, alpha.width_px, alpha.width_px, 1);
  // What was an edge is now one half: only from there inwards is the product.
  for (std::uint8_t& value : alpha.values) value = static_cast<std::uint8_t>(std::max(0, 2 * value - 255));
  cutout.tight_box_px = tight_box(alpha);
}

BoxPx paste(const Cutout& cutout, const Homography& to_cutout, Image& background) {
  const int width = background.width_px();
  const int height = background.height_px();
  const Image colours = warp(cutout.image, to_cutout, width, height);
  const Plane alpha = warp(cutout.alpha, to_cutout, width, height);
  auto out = background.pixels();
  const auto in = colours.pixels();
  for (std::size_t pixel = 0; pixel < alpha.values.size(); ++pixel) {
    const int a = alpha.values[pixel];
    if (a == 0) continue;
    for (std::size_t i = pixel * 3; i < pixel * 3 + 3; ++i) {
      out[i] = static_cast<std::uint8_t>((in[i] * a + out[i] * (255 - a) + 127) / 255);
    }
  }
  return tight_box(alpha);
}

}  // namespace vitrine::synthesis

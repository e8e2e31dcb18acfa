// SPDX-License-Identifier: MIT
#include "network/detector.h"

#include <algorithm>
#include <cmath>

namespace vitrine::network {
namespace {

constexpr int kHeadChannels = 256;

std::vector<BlockSpec> make_detector_blocks() {
  const auto& backbone = mobilenet_v2_blocks();
  std::vector<BlockSpec> blocks(backbone.begin(), backbone.begin() + kDetectorBackboneBlocks);
  for (BlockSpec& block : blocks) {
    block.name = "detector." + block.name;
    for (ConvolutionSpec& spec : block.convolutions) spec.name = "detector." + spec.name;
  }
  const int channels = blocks.back().convolutions.back().out_channels;
  blocks.push_back({"detector.head",
                    {{"detector.head.0", channels, kHeadChannels, 1, 1, 1, true},
                     {"detector.head.1", kHeadChannels, static_cast<int>(kDetectorOutputs), 1, 1, 1, false}},
                    false});
  return blocks;
}

RelativeBox cell_box(std::span<const float> cell, double center_x, double center_y) {
  const double x = center_x + cell[1];
  const double y = center_y + cell[2];
  const double half_width = 0.5 / (1 + std::exp(-cell[3]));
  const double half_height = 0.5 / (1 + std::exp(-cell[4]));
  return {x - half_width, y - half_height, x + half_width, y + half_height};
}

}  // namespace

const std::vector<BlockSpec>& detector_blocks() {
  static const std::vector<BlockSpec> blocks = make_detector_blocks();
  return blocks;
}

double intersection_over_union(const RelativeBox& a, const RelativeBox& b) {
  const auto area = [](const RelativeBox& box) {
    return std::max(0.0, box.x1 - box.x0) * std::max(0.0, box.y1 - box.y0);
  };
  const double common =
      area({std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)});
  const double together = area(a) + area(b) - common;
  return together > 0 ? common / together : 0;
}

DetectedBox decode_box(std::span<const float> output, int grid) {
  const std::size_t num_cells = output.size() / kDetectorOutputs;
  float best_score = output[0];
  for (std::size_t i = 0; i < num_cells; ++i) best_score = std::max(best_score, output[i * kDetectorOutputs]);
  std::vector<RelativeBox> boxes;
  std::vector<double> weights;
  double total = 0;
  for (std::size_t i = 0; i < num_cells; ++i) {
    const auto cell = output.subspan(i * kDetectorOutputs, kDetectorOutputs);
    const auto column = static_cast<double>(i % static_cast<std::size_t>(grid));
    const auto row = static_cast<double>(i / static_cast<std::size_t>(grid));
    boxes.push_back(cell_box(cell, (column + 0.5) / grid, (row + 0.5) / grid));
    weights.push_back(std::exp(double{cell[0]} - best_score));
    total += weights.back();
  }
  RelativeBox mean{0, 0, 0, 0};
  for (std::size_t i = 0; i < num_cells; ++i) {
    weights[i] /= total;
    mean.x0 += weights[i] * boxes[i].x0;
    mean.y0 += weights[i] * boxes[i].y0;
    mean.x1 += weights[i] * boxes[i].x1;
    mean.y1 += weights[i] * boxes[i].y1;
  }
  DetectedBox result;
  for (std::size_t i = 0; i < num_cells; ++i)
    result.score += weights[i] * intersection_over_union(boxes[i], mean);
  result.box = {std::clamp(mean.x0, 0.0, 1.0), std::clamp(mean.y0, 0.0, 1.0), std::clamp(mean.x1, 0.0, 1.0),
                std::clamp(mean.y1, 0.0, 1.0)};
  return result;
}

BoxPx to_pixels(const RelativeBox& box, int width_px, int height_px) {
  const auto edge = [](double share, int side_px) { return static_cast<int>(std::lround(share * side_px)); };
  BoxPx pixels;
  pixels.x0 = std::clamp(edge(box.x0, width_px), 0, width_px - 1);
  pixels.y0 = std::clamp(edge(box.y0, height_px), 0, height_px - 1);
  pixels.x1 = std::clamp(edge(box.x1, width_px), pixels.x0 + 1, width_px);
  pixels.y1 = std::clamp(edge(box.y1, height_px), pixels.y0 + 1, height_px);
  return pixels;
}

BoxPx with_margin(const BoxPx& box_px, double margin, int width_px, int height_px) {
  const auto wider = static_cast<int>(std::lround(margin * std::max(box_px.width(), box_px.height())));
  return {std::max(box_px.x0 - wider, 0), std::max(box_px.y0 - wider, 0),
          std::min(box_px.x1 + wider, width_px), std::min(box_px.y1 + wider, height_px)};
}

}  // namespace vitrine::network

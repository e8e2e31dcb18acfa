// SPDX-License-Identifier: MIT
#include "network/detector.h"

#include <algorithm>
#include <cmath>

#include "network/backbone.h"

namespace vitrine::network {
namespace {

constexpr int kHeadChannels = 256;

std::vector<BlockSpec> make_detector_blocks() {
  const auto& backbone = mobilenet_v2().blocks;
  std::vector<BlockSpec> blocks(backbone.begin(), backbone.begin() + kDetectorBackboneBlocks);
  for (BlockSpec& block : blocks) {
    block.name = "detector." + block.name;
    for (BranchSpec& branch : block.branches)
      for (ConvolutionSpec& spec : branch.convolutions) spec.name = "detector." + spec.name;
  }
  const int channels = convolutions_of(blocks).back()->out_channels;
  blocks.push_back({"detector.head",
                    0,
                    {{false,
                      {{"detector.head.0", channels, kHeadChannels},
                       {"detector.head.1", kHeadChannels, static_cast<int>(kDetectorOutputs), 1, 1, 1,
                        Nonlinearity::kNone}}}}});
  return blocks;
}

// Cells whose boxes overlap the best one's by more than this mean the same product.
constexpr double kSameBoxOverlap = 0.5;
// Of two boxes, the share of the smaller one that may lie in the other.
constexpr double kMaxNestedShare = 0.5;

struct Cell {
  RelativeBox box;
  double attention = 0;  // exp(score - best score)
};

std::vector<Cell> read_cells(std::span<const float> output, int grid) {
  const std::size_t num_cells = output.size() / kDetectorOutputs;
  float best_score = output[0];
  for (std::size_t i = 0; i < num_cells; ++i) best_score = std::max(best_score, output[i * kDetectorOutputs]);
  std::vector<Cell> cells;
  for (std::size_t i = 0; i < num_cells; ++i) {
    const auto cell = output.subspan(i * kDetectorOutputs, kDetectorOutputs);
    const auto column = static_cast<double>(i % static_cast<std::size_t>(grid));
    const auto row = static_cast<double>(i / static_cast<std::size_t>(grid));
    const double x = (column + 0.5) / grid + cell[1];
    const double y = (row + 0.5) / grid + cell[2];
    const double half_width = 0.5 / (1 + std::exp(-cell[3]));
    const double half_height = 0.5 / (1 + std::exp(-cell[4]));
    cells.push_back({{x - half_width, y - half_height, x + half_width, y + half_height},
                     std::exp(double{cell[0]} - best_score)});
  }
  return cells;
}

RelativeBox clipped(const RelativeBox& box) {
  return {std::clamp(box.x0, 0.0, 1.0), std::clamp(box.y0, 0.0, 1.0), std::clamp(box.x1, 0.0, 1.0),
          std::clamp(box.y1, 0.0, 1.0)};
}

double common_area(const RelativeBox& a, const RelativeBox& b) {
  return area({std::max(a.x0, b.x0), std::max(a.y0, b.y0), std::min(a.x1, b.x1), std::min(a.y1, b.y1)});
}

// The mean of the cells' boxes, weighted by their attention, and how far they agree with it.
DetectedBox mean_box(std::span<const Cell> cells) {
  double total = 0;
  for (const Cell& cell : cells) total += cell.attention;
  RelativeBox mean{0, 0, 0, 0};
  for (const Cell& cell : cells) {
    const double weight = cell.attention / total;
    mean.x0 += weight * cell.box.x0;
    mean.y0 += weight * cell.box.y0;
    mean.x1 += weight * cell.box.x1;
    mean.y1 += weight * cell.box.y1;
  }
  DetectedBox result;
  for (const Cell& cell : cells)
    result.score += cell.attention / total * intersection_over_union(cell.box, mean);
  result.box = clipped(mean);
  return result;
}

bool collides(const RelativeBox& box, std::span<const DetectedBox> found, double max_overlap) {
  return std::any_of(found.begin(), found.end(), [&](const DetectedBox& other) {
    return intersection_over_union(box, other.box) > max_overlap ||
           common_area(box, other.box) > kMaxNestedShare * std::min(area(box), area(other.box));
  });
}

}  // namespace

const std::vector<BlockSpec>& detector_blocks() {
  static const std::vector<BlockSpec> blocks = make_detector_blocks();
  return blocks;
}

BoxPx central_part(double share, int width_px, int height_px) {
  const double rim = (1 - share) / 2;
  return to_pixels({rim, rim, 1 - rim, 1 - rim}, width_px, height_px);
}

double area(const RelativeBox& box) {
  return std::max(0.0, box.x1 - box.x0) * std::max(0.0, box.y1 - box.y0);
}

double intersection_over_union(const RelativeBox& a, const RelativeBox& b) {
  const double common = common_area(a, b);
  const double together = area(a) + area(b) - common;
  return together > 0 ? common / together : 0;
}

DetectedBox decode_box(std::span<const float> output, int grid) {
  return mean_box(read_cells(output, grid));
}

std::vector<DetectedBox> decode_boxes(std::span<const float> output, int grid,
                                      const DetectionOptions& options) {
  std::vector<Cell> cells = read_cells(output, grid);
  std::stable_sort(cells.begin(), cells.end(),
                   [](const Cell& a, const Cell& b) { return a.attention > b.attention; });
  std::vector<DetectedBox> found;
  for (const Cell& best : cells) {
    if (found.size() == options.max_boxes) break;
    const RelativeBox seed = clipped(best.box);
    if (area(seed) <= 0 || collides(seed, found, options.max_overlap)) continue;
    std::vector<Cell> same;
    for (const Cell& cell : cells)
      if (intersection_over_union(cell.box, best.box) > kSameBoxOverlap) same.push_back(cell);
    DetectedBox box = mean_box(same);
    // Others may have drawn it onto a box that was found before.
    if (collides(box.box, found, options.max_overlap)) box.box = seed;
    box.score *= best.attention;
    if (box.score >= options.min_score) found.push_back(box);
  }
  return found;
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

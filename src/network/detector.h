// SPDX-License-Identifier: MIT
#pragma once
/// The detection branch: where in a picture the product is. The first blocks of MobileNetV2 look at the whole
/// picture, small; every cell of the last map then guesses the box, and a softmax over the cells says whom to
/// believe. Table and decoding are shared by the inference engine and the trainer.
#include <span>
#include <vector>

#include "network/layers.h"
#include "vitrine/box.h"
#include "vitrine/embedder.h"

namespace vitrine::network {

/// How many of MobileNetV2's blocks the branch starts with; its map has one cell for 16 x 16 pixels.
inline constexpr std::size_t kDetectorBackboneBlocks = 14;
inline constexpr int kDetectorStridePx = 16;

/// What a cell says: a score, the centre of the box relative to its own centre, and logits of width and
/// height, all lengths as shares of the picture's sides.
inline constexpr std::size_t kDetectorOutputs = 5;

/// The blocks of the branch: MobileNetV2's first ones and a head of two 1x1 convolutions. Input
/// `[n, 3, s, s]`, s a multiple of 16, as the backbone's; output `[n, 5, s / 16, s / 16]`. Parameters are
/// `detector.features.*` and `detector.head.*`.
const std::vector<BlockSpec>& detector_blocks();

/// A box as shares of the picture's sides: 0 is the left or top edge, 1 the right or bottom one.
struct RelativeBox {
  double x0 = 0;
  double y0 = 0;
  double x1 = 1;
  double y1 = 1;
};

/// The middle of a picture, this share of its sides.
BoxPx central_part(double share, int width_px, int height_px);

/// As a share of the picture's area.
double area(const RelativeBox& box);

/// Intersection over union of two boxes; 0 if both are empty.
double intersection_over_union(const RelativeBox& a, const RelativeBox& b);

struct DetectedBox {
  RelativeBox box;
  /// How far the cells agree with the box, 0 to 1: the mean overlap (IoU) of their own boxes with it,
  /// weighted by the softmax of their scores.
  double score = 0;
};

/// The box from the branch's output `[grid, grid, 5]`, row-major: the mean of the cells' boxes, weighted by
/// the softmax of their scores, clipped to the picture.
DetectedBox decode_box(std::span<const float> output, int grid);

/// Several boxes from the branch's output, best first: of the cells in order of their scores, each whose box
/// keeps clear of those found already (non-maximum suppression) is joined by the cells that mean the same
/// box; the mean of theirs is found. A box more than half of which lies in another one, or the other way
/// round, counts as a part of the same product. Scores: see FoundBox.
std::vector<DetectedBox> decode_boxes(std::span<const float> output, int grid,
                                      const DetectionOptions& options);

/// The box in pixels of a picture of this size, at least one pixel each way.
BoxPx to_pixels(const RelativeBox& box, int width_px, int height_px);

/// The part of a picture to describe: the box and on each side `margin` times its longer side, clipped to a
/// picture of this size. The margin leaves some context and forgives a box that cuts off an edge.
BoxPx with_margin(const BoxPx& box_px, double margin, int width_px, int height_px);

}  // namespace vitrine::network

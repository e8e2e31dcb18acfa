// SPDX-License-Identifier: MIT
#include "training/box_losses.h"

#include <cmath>

namespace vitrine::training {
namespace {

torch::Tensor area(const torch::Tensor& low, const torch::Tensor& high) {
  return (high - low).clamp_min(0).prod(-1);
}

struct Overlap {
  torch::Tensor common;
  torch::Tensor together;
  torch::Tensor enclosing;
};

// Of boxes `[..., 4]`; the last dimension goes.
Overlap overlap(const torch::Tensor& a, const torch::Tensor& b) {
  const torch::Tensor a_low = a.slice(-1, 0, 2);
  const torch::Tensor a_high = a.slice(-1, 2, 4);
  const torch::Tensor b_low = b.slice(-1, 0, 2);
  const torch::Tensor b_high = b.slice(-1, 2, 4);
  Overlap result;
  result.common = area(torch::maximum(a_low, b_low), torch::minimum(a_high, b_high));
  result.together = area(a_low, a_high) + area(b_low, b_high) - result.common;
  result.enclosing = area(torch::minimum(a_low, b_low), torch::maximum(a_high, b_high));
  return result;
}

constexpr double kTinyArea = 1e-6;

}  // namespace

torch::Tensor box_overlap(const torch::Tensor& boxes, const torch::Tensor& targets) {
  const Overlap areas = overlap(boxes, targets);
  return areas.common / areas.together.clamp_min(kTinyArea);
}

torch::Tensor box_loss(const torch::Tensor& boxes, const torch::Tensor& targets) {
  const Overlap areas = overlap(boxes, targets);
  const torch::Tensor generalised = areas.common / areas.together.clamp_min(kTinyArea) - 1 +
                                    areas.together / areas.enclosing.clamp_min(kTinyArea);
  return 5 * (boxes - targets).abs().mean(-1) + (1 - generalised);
}

torch::Tensor attention_loss(const torch::Tensor& attention, const torch::Tensor& targets) {
  const auto grid = static_cast<std::int64_t>(std::lround(std::sqrt(static_cast<double>(attention.size(1)))));
  const torch::Tensor places = (torch::arange(grid, targets.options()) + 0.5) / static_cast<double>(grid);
  const auto inside = [&](std::int64_t low, std::int64_t high) {  // [n, g]
    return (places >= targets.slice(1, low, low + 1)) & (places < targets.slice(1, high, high + 1));
  };
  const torch::Tensor mask = (inside(1, 3).unsqueeze(2) & inside(0, 2).unsqueeze(1)).flatten(1);
  // A box smaller than a cell may hold no centre: then nothing is asked.
  const torch::Tensor asked = mask.any(1).to(attention.dtype());
  return -(attention * mask).sum(1).clamp_min(kTinyArea).log() * asked;
}

torch::Tensor cell_loss(const Detections& detections, const torch::Tensor& targets) {
  const torch::Tensor spread = targets.unsqueeze(1).expand_as(detections.cell_boxes);
  return (detections.attention.detach() * box_loss(detections.cell_boxes, spread)).sum(1);
}

}  // namespace vitrine::training

// SPDX-License-Identifier: MIT
#include "training/soft_mask.h"

#include "training/box_edges.h"

namespace vitrine::training {
namespace {

// h(p - low) - h(p - high) for the centres p of `num_pixels` pixels, `[n, num_pixels]`. `low` and `high` are
// `[n, 1]`.
torch::Tensor soft_interval(const torch::Tensor& low, const torch::Tensor& high, std::int64_t num_pixels,
                            double steepness) {
  const torch::Tensor places =
      (torch::arange(num_pixels, low.options()) + 0.5) / static_cast<double>(num_pixels);
  return torch::sigmoid(steepness * (places - low)) - torch::sigmoid(steepness * (places - high));
}

}  // namespace

torch::Tensor soft_mask(const torch::Tensor& boxes, std::int64_t height_px, std::int64_t width_px,
                        double steepness) {
  const torch::Tensor edges = ordered_edges(boxes);
  const auto edge = [&](std::int64_t i) { return edges.slice(1, i, i + 1); };
  const torch::Tensor columns = soft_interval(edge(0), edge(2), width_px, steepness);
  const torch::Tensor rows = soft_interval(edge(1), edge(3), height_px, steepness);
  return (rows.unsqueeze(2) * columns.unsqueeze(1)).unsqueeze(1);
}

}  // namespace vitrine::training

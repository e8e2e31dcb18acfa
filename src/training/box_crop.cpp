// SPDX-License-Identifier: MIT
#include "training/box_crop.h"

#include "training/box_edges.h"

namespace vitrine::training {
namespace {

namespace F = torch::nn::functional;

}  // namespace

torch::Tensor crop_boxes(const torch::Tensor& pictures, const torch::Tensor& boxes, std::int64_t side_px) {
  // LibTorch's coordinates run from -1 to 1 over picture and result: u -> (high - low) u + (low + high - 1).
  const torch::Tensor edges = ordered_edges(boxes);
  const torch::Tensor low = edges.slice(1, 0, 2);
  const torch::Tensor high = edges.slice(1, 2, 4);
  const torch::Tensor maps =
      torch::cat({torch::diag_embed(high - low), (low + high - 1).unsqueeze(2)}, 2);  // [n, 2, 3]
  const torch::Tensor grid =
      F::affine_grid(maps, {pictures.size(0), pictures.size(1), side_px, side_px}, /*align_corners=*/false);
  return F::grid_sample(
      pictures, grid,
      F::GridSampleFuncOptions().mode(torch::kBilinear).padding_mode(torch::kZeros).align_corners(false));
}

}  // namespace vitrine::training

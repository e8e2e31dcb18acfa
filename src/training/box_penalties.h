// SPDX-License-Identifier: MIT
#pragma once
/// What keeps boxes sensible that no label and no drawn box holds in place. Boxes are `[n, 4]`
/// (x0, y0, x1, y1) as shares of the picture's sides.
#include "training/torch.h"

namespace vitrine::training {

/// Mean over the boxes of how far their edges reach beyond the picture, summed over the four edges: outside
/// it, a mask or a crop has nothing to learn from.
torch::Tensor outside_penalty(const torch::Tensor& boxes);

/// Mean over the boxes of how much width and height fall short of `min_side`, summed: a box of nothing has a
/// feature of nothing, and no gradient leads back.
torch::Tensor narrow_penalty(const torch::Tensor& boxes, double min_side);

/// Mean area of the boxes; what lies outside the picture counts.
torch::Tensor mean_area(const torch::Tensor& boxes);

}  // namespace vitrine::training

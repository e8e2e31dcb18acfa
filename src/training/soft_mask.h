// SPDX-License-Identifier: MIT
#pragma once
/// The mask through which the triplet loss reaches the detection branch in Visual Search at Alibaba (KDD
/// 2018, section 4): the picture times a box with soft edges.
#include "training/torch.h"

namespace vitrine::training {

/// With  h(u) = 1 / (1 + exp(-k u)),  k the `steepness`, and boxes (x0, y0, x1, y1) `[n, 4]`,
///
///     M(x, y) = [h(x - x0) - h(x - x1)] [h(y - y0) - h(y - y1)],     `[n, 1, height_px, width_px]`
///
/// from 0 to 1, where x and y of pixel (i, j) are (j + 1/2) / width_px and (i + 1/2) / height_px. All lengths
/// and 1 / k are shares of the picture's sides: an edge is about 4 / k wide. Boxes may reach beyond the
/// picture; swapped edges mean the same box, so that M is never negative (ours: the paper leaves it open).
/// The gradient lies in the edges: what is much farther from a pixel than 1 / k has none of it.
torch::Tensor soft_mask(const torch::Tensor& boxes, std::int64_t height_px, std::int64_t width_px,
                        double steepness);

}  // namespace vitrine::training

// SPDX-License-Identifier: MIT
#pragma once
/// Changes of boxes that let gradients through. Boxes are `[n, 4]` (x0, y0, x1, y1) as shares of the
/// picture's sides.
#include "training/torch.h"

namespace vitrine::training {

/// The same boxes with x0 <= x1 and y0 <= y1.
torch::Tensor ordered_edges(const torch::Tensor& boxes);

/// Each box and on each side `margin` times its longer side, as network::with_margin, but in shares of a
/// square picture and not clipped.
torch::Tensor widened(const torch::Tensor& boxes, double margin);

}  // namespace vitrine::training

// SPDX-License-Identifier: MIT
#pragma once
/// The differentiable crop that can take the place of the paper's mask: it leaves no pixel of the input to
/// what the box does not hold (spatial transformer, Jaderberg et al., NeurIPS 2015).
#include "training/torch.h"

namespace vitrine::training {

/// Cuts a box (x0, y0, x1, y1; shares of the sides, `[n, 4]`) out of each picture `[n, c, h, w]` and brings
/// it to `[n, c, side_px, side_px]`. Pixel (i, j) of the result is the picture at
///
///     x = x0 + (x1 - x0) (j + 1/2) / side_px,     y = y0 + (y1 - y0) (i + 1/2) / side_px
///
/// between four pixels (bilinear), whose centres are at ((j + 1/2) / w, (i + 1/2) / h). Beyond the picture it
/// is 0, the mid-grey of a network's input, so that a box pays for reaching beyond. Swapped edges mean the
/// same box. Gradients reach boxes and pictures. Nothing is smoothed before it is reduced: let the picture be
/// at most twice as fine as the result.
torch::Tensor crop_boxes(const torch::Tensor& pictures, const torch::Tensor& boxes, std::int64_t side_px);

}  // namespace vitrine::training

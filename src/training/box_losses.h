// SPDX-License-Identifier: MIT
#pragma once
/// The terms that teach the detection branch from known boxes. Boxes are `[n, 4]` (x0, y0, x1, y1) as shares
/// of the picture's sides.
#include "training/detector_network.h"
#include "training/torch.h"

namespace vitrine::training {

/// IoU of each row, `[n]`; gradients flow.
torch::Tensor box_overlap(const torch::Tensor& boxes, const torch::Tensor& targets);

/// Per row  5 mean|b - t| + (1 - GIoU(b, t)),  `[n]`: the distance of the edges and the generalised overlap
/// (Rezatofighi et al., CVPR 2019), which also has a gradient where boxes do not touch.
torch::Tensor box_loss(const torch::Tensor& boxes, const torch::Tensor& targets);

/// Per row  -log of the attention paid to cells whose centre lies in the target, `[n]`: the cells that speak
/// for a box shall lie on it.
torch::Tensor attention_loss(const torch::Tensor& attention, const torch::Tensor& targets);

/// The attention-weighted mean over cells of each cell's own box_loss, `[n]`: without it only the mean of the
/// cells' boxes is right, and how far they agree says nothing.
torch::Tensor cell_loss(const Detections& detections, const torch::Tensor& targets);

}  // namespace vitrine::training

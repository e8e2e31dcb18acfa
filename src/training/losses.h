// SPDX-License-Identifier: MIT
#pragma once
/// The terms of the training objective, each a free function. `features` are L2-normalised, `[n, dim]`.
#include "training/torch.h"

namespace vitrine::training {

/// Mean over the rows with label >= 0 of  -log softmax_c( s (cos(f, w_c) - m [c = label]) )  (CosFace,
/// equation 4). `class_weights` `[classes, dim]` need not be normalised; `labels` `[n]` int64, negative: the
/// row is left out. A batch without any label gives 0.
torch::Tensor cosine_margin_loss(const torch::Tensor& features, const torch::Tensor& class_weights,
                                 const torch::Tensor& labels, double margin, double scale);

/// Mean over rows of  1 - <f, t>:  how far features have moved from what the initial network says.
torch::Tensor retention_loss(const torch::Tensor& features, const torch::Tensor& initial_features);

/// Mean over pairs of rows of  (<f_i, f_j> - <t_i, t_j>)^2:  how much the similarities between pictures have
/// changed (relational distillation, Park et al., CVPR 2019). Needs at least two rows.
torch::Tensor relation_loss(const torch::Tensor& features, const torch::Tensor& initial_features);

/// Mean over rows of  ||f - b||^2 / 2 = 1 - sum_i |f_i| / sqrt(dim)  with b = sign(f) / sqrt(dim), the unit
/// vector that the row's code stands for: how much codes lose against features (the quantisation loss of
/// ITQ, Gong and Lazebnik, CVPR 2011, equation 2, on unit vectors). From 0 to 1 - 1 / sqrt(dim).
torch::Tensor quantization_loss(const torch::Tensor& features);

}  // namespace vitrine::training

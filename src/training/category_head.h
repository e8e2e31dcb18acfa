// SPDX-License-Identifier: MIT
#pragma once
#include "training/torch.h"

namespace vitrine::training {

/// Softmax regression from features to categories.
struct CategoryHead {
  torch::Tensor weight;  ///< `[categories, dim]`
  torch::Tensor bias;    ///< `[categories]`
};

/// Fits the head by minimising cross-entropy plus `decay` / 2 times the squared weights, with L-BFGS: convex,
/// so the result does not depend on a seed. `features` `[n, dim]`, `labels` `[n]` int64 in [0,
/// num_categories).
CategoryHead fit_category_head(const torch::Tensor& features, const torch::Tensor& labels,
                               std::int64_t num_categories, double decay = 1e-4);

/// Share of rows whose most probable category is the label.
double accuracy(const CategoryHead& head, const torch::Tensor& features, const torch::Tensor& labels);

}  // namespace vitrine::training

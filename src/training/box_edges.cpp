// SPDX-License-Identifier: MIT
#include "training/box_edges.h"

namespace vitrine::training {

torch::Tensor ordered_edges(const torch::Tensor& boxes) {
  const torch::Tensor one = boxes.slice(1, 0, 2);
  const torch::Tensor other = boxes.slice(1, 2, 4);
  return torch::cat({torch::minimum(one, other), torch::maximum(one, other)}, 1);
}

torch::Tensor widened(const torch::Tensor& boxes, double margin) {
  const torch::Tensor low = boxes.slice(1, 0, 2);
  const torch::Tensor high = boxes.slice(1, 2, 4);
  const torch::Tensor wider = margin * (high - low).amax(1, /*keepdim=*/true);
  return torch::cat({low - wider, high + wider}, 1);
}

}  // namespace vitrine::training

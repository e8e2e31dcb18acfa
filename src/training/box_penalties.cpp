// SPDX-License-Identifier: MIT
#include "training/box_penalties.h"

namespace vitrine::training {
namespace {

torch::Tensor sides(const torch::Tensor& boxes) {
  return boxes.slice(1, 2, 4) - boxes.slice(1, 0, 2);
}

}  // namespace

torch::Tensor outside_penalty(const torch::Tensor& boxes) {
  return (torch::relu(-boxes) + torch::relu(boxes - 1)).sum(1).mean();
}

torch::Tensor narrow_penalty(const torch::Tensor& boxes, double min_side) {
  return torch::relu(min_side - sides(boxes)).sum(1).mean();
}

torch::Tensor mean_area(const torch::Tensor& boxes) {
  return sides(boxes).prod(1).mean();
}

}  // namespace vitrine::training

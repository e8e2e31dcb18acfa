// SPDX-License-Identifier: MIT
#include "training/gradients.h"

#include <algorithm>
#include <cmath>

namespace vitrine::test {

double gradient_error(const std::function<torch::Tensor(const torch::Tensor&)>& f, const torch::Tensor& x) {
  torch::Tensor at = x.clone().requires_grad_();
  f(at).backward();
  const torch::Tensor gradient = at.grad().flatten();
  constexpr double kStep = 1e-6;
  double worst = 0;
  for (std::int64_t i = 0; i < x.numel(); ++i) {
    torch::Tensor above = x.clone();
    torch::Tensor below = x.clone();
    above.view(-1)[i] += kStep;
    below.view(-1)[i] -= kStep;
    const double difference = (f(above) - f(below)).item<double>() / (2 * kStep);
    worst = std::max(worst, std::abs(difference - gradient[i].item<double>()));
  }
  return worst;
}

torch::Tensor random_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed) {
  torch::manual_seed(seed);
  return torch::randn({rows, columns}, torch::kFloat64);
}

torch::Tensor unit_rows(const torch::Tensor& x) {
  return x / x.norm(2, 1, true);
}

}  // namespace vitrine::test

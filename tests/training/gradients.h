// SPDX-License-Identifier: MIT
#pragma once
/// Gradients beside finite differences, in double precision.
#include <functional>

#include "training/torch.h"

namespace vitrine::test {

/// Largest difference between the gradient of the number f(x) and central differences.
double gradient_error(const std::function<torch::Tensor(const torch::Tensor&)>& f, const torch::Tensor& x);

/// Normal numbers, `[rows, columns]`.
torch::Tensor random_matrix(std::int64_t rows, std::int64_t columns, std::uint64_t seed);

/// Every row divided by its norm.
torch::Tensor unit_rows(const torch::Tensor& x);

}  // namespace vitrine::test

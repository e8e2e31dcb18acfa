// SPDX-License-Identifier: MIT
#include "training/box_penalties.h"

#include "training/gradients.h"
#include "training/torch_with_catch.h"

using namespace vitrine::training;

namespace {

torch::Tensor boxes(std::initializer_list<double> edges) {
  return torch::tensor(std::vector<double>(edges), torch::kFloat64).view({-1, 4});
}

}  // namespace

TEST_CASE("boxes pay for what reaches beyond the picture") {
  CHECK(outside_penalty(boxes({0, 0, 1, 1})).item<double>() == 0);
  CHECK(outside_penalty(boxes({-0.1, 0.2, 1.3, 0.9})).item<double>() == Approx(0.4));
  CHECK(outside_penalty(boxes({-0.1, 0.2, 1.3, 0.9, 0, 0, 1, 1})).item<double>() == Approx(0.2));
}

TEST_CASE("boxes pay for sides that are too short") {
  CHECK(narrow_penalty(boxes({0.4, 0.1, 0.7, 0.9}), 0.2).item<double>() == 0);
  CHECK(narrow_penalty(boxes({0.4, 0.1, 0.5, 0.9}), 0.2).item<double>() == Approx(0.1));
  CHECK(narrow_penalty(boxes({0.5, 0.5, 0.5, 0.5}), 0.2).item<double>() == Approx(0.4));
}

TEST_CASE("the mean area counts every box") {
  CHECK(mean_area(boxes({0, 0, 1, 1, 0.25, 0.5, 0.75, 1})).item<double>() == Approx(0.625));
}

TEST_CASE("penalties have the gradients that differences show") {
  const torch::Tensor some = boxes({-0.1, 0.2, 1.3, 0.35, 0.3, 0.4, 0.45, 0.9});
  CHECK(vitrine::test::gradient_error([](const torch::Tensor& x) { return outside_penalty(x); }, some) <
        1e-6);
  CHECK(vitrine::test::gradient_error([](const torch::Tensor& x) { return narrow_penalty(x, 0.2); }, some) <
        1e-6);
  CHECK(vitrine::test::gradient_error([](const torch::Tensor& x) { return mean_area(x); }, some) < 1e-6);
}

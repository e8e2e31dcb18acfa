// SPDX-License-Identifier: MIT
#include "training/soft_mask.h"

#include <cmath>

#include "training/box_edges.h"
#include "training/gradients.h"
#include "training/torch_with_catch.h"

using namespace vitrine::training;

namespace {

torch::Tensor box(double x0, double y0, double x1, double y1) {
  return torch::tensor({x0, y0, x1, y1}, torch::kFloat64).view({1, 4});
}

double pixel(const torch::Tensor& mask, std::int64_t row, std::int64_t column) {
  return mask[0][0][row][column].item<double>();
}

double step(double u) {
  return 1 / (1 + std::exp(-u));
}

}  // namespace

TEST_CASE("the mask has the values of its equation") {
  // Pixel centres of a width of 4: 1/8, 3/8, 5/8, 7/8; of a height of 2: 1/4, 3/4.
  const torch::Tensor mask = soft_mask(box(0.25, 0.5, 0.75, 1), 2, 4, 10);
  REQUIRE(mask.sizes() == torch::IntArrayRef({1, 1, 2, 4}));
  // h(-1.25) - h(-6.25) = 0.2227 - 0.0019 in x; h(-2.5) - h(-7.5) = 0.0759 - 0.0006 in y
  CHECK(pixel(mask, 0, 0) == Approx(0.2208 * 0.0753).epsilon(1e-3));
  // h(1.25) - h(-3.75) = 0.7773 - 0.0230 in x; h(2.5) - h(-2.5) = 0.9241 - 0.0759 in y
  CHECK(pixel(mask, 1, 1) == Approx(0.7543 * 0.8483).epsilon(1e-3));
  CHECK(pixel(mask, 1, 2) == Approx(pixel(mask, 1, 1)).epsilon(1e-9));  // the box is symmetric in x
  for (std::int64_t i = 0; i < 2; ++i) {
    for (std::int64_t j = 0; j < 4; ++j) {
      const double x = (static_cast<double>(j) + 0.5) / 4;
      const double y = (static_cast<double>(i) + 0.5) / 2;
      CHECK(pixel(mask, i, j) == Approx((step(10 * (x - 0.25)) - step(10 * (x - 0.75))) *
                                        (step(10 * (y - 0.5)) - step(10 * (y - 1)))));
    }
  }
}

TEST_CASE("a steep mask is the box itself") {
  const torch::Tensor mask = soft_mask(box(0.25, 0, 0.75, 0.5), 8, 8, 1000);
  CHECK(mask.sum().item<double>() == Approx(16).epsilon(1e-6));
  CHECK(pixel(mask, 0, 2) == Approx(1));
  CHECK(pixel(mask, 3, 5) == Approx(1));
  CHECK(pixel(mask, 4, 5) == Approx(0).margin(1e-9));
  CHECK(pixel(mask, 0, 1) == Approx(0).margin(1e-9));
}

TEST_CASE("extreme boxes give masks from 0 to 1 with finite gradients") {
  const auto mask_of = [](const torch::Tensor& boxes, double steepness) {
    torch::Tensor x = boxes.clone().requires_grad_();
    const torch::Tensor mask = soft_mask(x, 6, 6, steepness);
    mask.sum().backward();
    CHECK(x.grad().isfinite().all().item<bool>());
    CHECK(mask.min().item<double>() >= 0);
    CHECK(mask.max().item<double>() <= 1);
    return mask.detach();
  };
  CHECK(mask_of(box(-0.5, -0.5, 1.5, 1.5), 50).min().item<double>() > 0.99);   // beyond the frame
  CHECK(pixel(mask_of(box(0, 0, 1, 1), 1000), 0, 0) == Approx(1));             // the frame
  CHECK(mask_of(box(0.5, 0.5, 0.5, 0.5), 50).max().item<double>() == 0);       // nothing
  CHECK(mask_of(box(1.5, 0.2, 1.8, 0.6), 50).max().item<double>() < 1e-6);     // outside
  CHECK(mask_of(box(0.4, 0.4, 0.41, 0.41), 1e6).sum().item<double>() < 1e-6);  // between the pixels
  const torch::Tensor straight = mask_of(box(0.2, 0.1, 0.8, 0.6), 20);
  CHECK(mask_of(box(0.8, 0.1, 0.2, 0.6), 20).allclose(straight));  // swapped in x
  CHECK(mask_of(box(0.8, 0.6, 0.2, 0.1), 20).allclose(straight));  // swapped in both
}

TEST_CASE("the gradients of a masked picture agree with finite differences") {
  torch::manual_seed(3);
  const auto options = torch::TensorOptions(torch::kFloat64);
  const torch::Tensor boxes =
      torch::tensor({0.1, 0.2, 0.7, 0.9, 0.8, 0.3, 0.4, 1.2, 0.5, 0.5, 0.52, 0.51}, options).view({3, 4});
  const torch::Tensor pictures = torch::randn({3, 2, 5, 7}, options);
  const torch::Tensor weights = torch::randn({3, 2, 5, 7}, options);
  for (const double steepness : {3.0, 20.0}) {
    const auto seen = [&](const torch::Tensor& x, const torch::Tensor& box) {
      return (x * soft_mask(box, 5, 7, steepness) * weights).sum();
    };
    CHECK(vitrine::test::gradient_error([&](const torch::Tensor& x) { return seen(pictures, x); }, boxes) <
          1e-7);
    CHECK(vitrine::test::gradient_error([&](const torch::Tensor& x) { return seen(x, boxes); }, pictures) <
          1e-7);
  }
}

TEST_CASE("a box is widened by a share of its longer side") {
  const torch::Tensor wide = widened(box(0.2, 0.4, 0.6, 0.5), 0.25);
  CHECK(wide.allclose(box(0.1, 0.3, 0.7, 0.6)));
  CHECK(vitrine::test::gradient_error([](const torch::Tensor& x) { return widened(x, 0.1).pow(2).sum(); },
                                      box(0.2, 0.4, 0.6, 0.5)) < 1e-7);
}
